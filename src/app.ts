/** The composition root: the only file that knows every layer. */
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Config } from './config/options.ts';
import { Authority } from './domain/accounts/authority.ts';
import { bindDataKey, createAccount } from './domain/accounts/create.ts';
import type { AccountTools } from './domain/accounts/offline.ts';
import { PasswordHasher } from './domain/authn/password.ts';
import { LatchkeyError } from './domain/errors.ts';
import type { Services } from './domain/services.ts';
import { AccessTokens } from './domain/tokens/access-tokens.ts';
import { openAuditSink } from './drivers/audit/file-sink.ts';
import { openCodeExchange } from './drivers/issuer/code-exchange.ts';
import { Issuers } from './drivers/issuer/issuers.ts';
import { openIssuerVerifier } from './drivers/issuer/verifier.ts';
import { openLdapDirectory } from './drivers/ldap/directory.ts';
import { openCallerIdentities } from './drivers/sts/caller-identities.ts';
import { loadDataKey } from './drivers/keyring/data-key.ts';
import { openKeyring } from './drivers/keyring/keyring.ts';
import { openLmdbStore } from './drivers/lmdb/store.ts';
import { openLogoutDelivery } from './drivers/outbound/logout-delivery.ts';
import { openRedisStore } from './drivers/redis/store.ts';
import { openCertificateIssuer } from './drivers/x509/certificate-issuer.ts';
import type { Log } from './log.ts';
import { inventoryReader } from './metrics/inventory.ts';
import { observedStore } from './metrics/observed-store.ts';
import { ServiceMetrics } from './metrics/service-metrics.ts';
import type { Store } from './ports/store.ts';

export interface RunningService {
  /** Where it can be reached. */
  readonly url: string;
  /** Set when this start made the account: where the administrator's API key was written. */
  readonly adminKeyFile: string | undefined;
  /** Stops accepting, finishes what runs, writes pending audit records, lets go of the store. */
  close(): Promise<void>;
  /** Opens the audit file anew, after it was moved away. */
  reopenAudit(): Promise<void>;
}

const clock = { now: (): number => Date.now() };

/**
 * Starts the service. What was opened is closed again when a later step fails.
 * @throws LatchkeyError `SETTING_INVALID`, `DATA_KEY_INVALID`, `DATA_KEY_WRONG`, `STORE_REFUSED`,
 *   `STORE_UNAVAILABLE`, `AUDIT_UNAVAILABLE`, `PASSWORD_WEAK`
 */
export async function startService(config: Config, log: Log): Promise<RunningService> {
  const opened: (() => Promise<void>)[] = [];
  const closeAll = async (): Promise<void> => {
    for (const close of opened.reverse()) await close();
  };
  try {
    const metrics = config.telemetryEnabled ? new ServiceMetrics() : undefined;
    const foundation = await openFoundation(config, opened);
    const { keyring, audit } = foundation;
    const store = metrics === undefined ? foundation.store : observedStore(foundation.store, metrics);
    const issuers = new Issuers({
      clock,
      allowInsecureIssuers: config.allowInsecureIssuers,
      onFetchFailure: (providerUri, failure) => {
        log.warn({ code: failure.code, providerUri }, failure.message);
      },
    });
    opened.push(() => issuers.close());
    const directories = openLdapDirectory({ allowInsecureLdap: config.allowInsecureLdap });
    opened.push(() => directories.close());
    const awsCallers = openCallerIdentities(
      config.stsEndpoint === undefined ? {} : { endpoint: config.stsEndpoint },
    );
    opened.push(() => awsCallers.close());
    const authority = new Authority(store, keyring);
    let listeningAt = '';
    const services: Services = {
      authority,
      ephemeral: store.ephemeral,
      keyring,
      audit,
      clock,
      certificates: openCertificateIssuer(),
      idTokens: openIssuerVerifier({ clock }, issuers),
      codes: openCodeExchange(issuers),
      directories,
      awsCallers,
      logouts: openLogoutDelivery(),
      tokens: new AccessTokens(authority, clock),
      passwords: new PasswordHasher(),
      settings: config,
      publicOrigin: () => config.publicUrl ?? listeningAt,
    };
    const adminKeyFile = await makeAccount(services, config);
    // What looks after accounts only has no use for it, nor for what it loads.
    const { listen } = await import('./http/server.ts');
    const http = await listen(services, store, log, {
      host: config.host,
      port: config.port,
      trustedProxies: config.trustedProxies,
      drainTimeoutMs: config.drainSeconds * 1_000,
      ...(metrics === undefined ? {} : { telemetry: { metrics, inventory: inventoryReader(services) } }),
      ...(await readTls(config)),
    });
    listeningAt = http.url;
    opened.push(() => http.close());
    return { url: http.url, adminKeyFile, close: closeAll, reopenAudit: () => audit.reopen() };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

/**
 * Opens what looking after accounts takes, and no server: commands of the operator work on the
 * store itself, also while services run on it.
 * @throws LatchkeyError as {@link startService}, and what the act throws
 */
export async function withAccounts<Result>(
  config: Config,
  act: (services: AccountTools) => Promise<Result>,
): Promise<Result> {
  const opened: (() => Promise<void>)[] = [];
  try {
    const { store, keyring, audit } = await openFoundation(config, opened);
    const authority = new Authority(store, keyring);
    return await act({ authority, keyring, audit, clock, passwords: new PasswordHasher() });
  } finally {
    for (const close of opened.reverse()) await close();
  }
}

/** What everything else stands on. `opened` grows by what is to be closed again. */
async function openFoundation(config: Config, opened: (() => Promise<void>)[]) {
  await mkdir(config.dataFolder, { recursive: true, mode: 0o700 });
  const dataKey = await loadDataKey({
    environmentValue: config.dataKey?.reveal(),
    file: config.dataKeyFile,
    mayCreate: !(await hasStore(config)),
  });
  const keyring = openKeyring({ dataKey });
  const store = await openStore(config);
  opened.push(() => store.close());
  await bindDataKey(store, keyring);

  const audit = await openAuditSink({ path: config.auditFile, format: config.auditFormat });
  opened.push(() => audit.close());
  return { store, keyring, audit };
}

async function openStore(config: Config): Promise<Store> {
  if (config.store.driver === 'lmdb') return openLmdbStore({ directory: config.store.path });
  return openRedisStore({
    url: config.store.url.reveal(),
    waitReplicas: config.redisWaitReplicas,
    allowVolatile: config.allowVolatileStore,
  });
}

/**
 * Makes the account at the first start. Its API key is on disk, readable by its owner only, before
 * the account is committed, and under its final name only if this process was the one to make it.
 */
async function makeAccount(services: Services, config: Config): Promise<string | undefined> {
  const path = config.adminKeyFile;
  const pending = `${path}.${String(process.pid)}`;
  const keep = async (apiKey: string): Promise<void> => {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeFile(pending, `${apiKey}\n`, { mode: 0o600, flag: 'wx', flush: true });
  };
  try {
    const password = config.adminPassword?.reveal();
    const made = await createAccount(services, config.account, keep, { password });
    if (!made) return undefined;
    await rename(pending, path);
    return path;
  } finally {
    await rm(pending, { force: true });
  }
}

async function hasStore(config: Config): Promise<boolean> {
  if (config.store.driver !== 'lmdb') return true;
  try {
    return (await readdir(config.store.path)).length > 0;
  } catch {
    return false;
  }
}

async function readTls(
  config: Config,
): Promise<{ readonly tls?: { readonly cert: string; readonly key: string } }> {
  const { tlsCertFile, tlsKeyFile } = config;
  if (tlsCertFile === undefined || tlsKeyFile === undefined) return {};
  try {
    return { tls: { cert: await readFile(tlsCertFile, 'utf8'), key: await readFile(tlsKeyFile, 'utf8') } };
  } catch (error) {
    throw new LatchkeyError('SETTING_INVALID', {
      detail: '--tls-cert and --tls-key: expected two files that can be read',
      cause: error,
    });
  }
}
