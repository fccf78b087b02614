/** The composition root: the only file that knows every layer. */
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import type { Config } from './config/options.ts';
import { Attempts } from './domain/abuse/attempts.ts';
import { boundedAudit } from './domain/abuse/bounded-audit.ts';
import { Authority } from './domain/accounts/authority.ts';
import { bindDataKey, createAccount } from './domain/accounts/create.ts';
import type { AccountTools } from './domain/accounts/offline.ts';
import { PasswordHasher } from './domain/authn/password.ts';
import { DataKeyWatch } from './domain/data-keys/holders.ts';
import type { RotationServices } from './domain/data-keys/rotate.ts';
import { LatchkeyError } from './domain/errors.ts';
import type { Services } from './domain/services.ts';
import { AccessTokens } from './domain/tokens/access-tokens.ts';
import { SigningKeyRenewal } from './domain/tokens/signing-key-renewal.ts';
import { openAuditSink, type AuditFile } from './drivers/audit/file-sink.ts';
import { openCodeExchange } from './drivers/issuer/code-exchange.ts';
import { Issuers } from './drivers/issuer/issuers.ts';
import { openIssuerVerifier } from './drivers/issuer/verifier.ts';
import { openLdapDirectory } from './drivers/ldap/directory.ts';
import { openCallerIdentities } from './drivers/sts/caller-identities.ts';
import { openDataKeyFile } from './drivers/keyring/data-key-file.ts';
import { loadDataKeys, readDataKeyFile } from './drivers/keyring/data-key.ts';
import { openKeyring } from './drivers/keyring/keyring.ts';
import { openLmdbStore } from './drivers/lmdb/store.ts';
import { openLogoutDelivery } from './drivers/outbound/logout-delivery.ts';
import { openRedisStore } from './drivers/redis/store.ts';
import { readCredentials, type TlsCredentials } from './drivers/tls/credentials.ts';
import { selfSignedCredentials, selfSignedPath } from './drivers/tls/self-signed.ts';
import { ServerCertificate } from './drivers/tls/server-certificate.ts';
import { openCertificateIssuer } from './drivers/x509/certificate-issuer.ts';
import type { Telemetry } from './http/ops/metrics.ts';
import type { LoadLimits } from './http/load/guarded.ts';
import type { Log } from './log.ts';
import type { Figures } from './metrics/figures.ts';
import { inventoryReader } from './metrics/inventory.ts';
import { observedStore } from './metrics/observed-store.ts';
import { ServiceMetrics } from './metrics/service-metrics.ts';
import type { Keyring } from './ports/keyring.ts';
import type { Store } from './ports/store.ts';

export interface RunningService {
  /** Where it can be reached. */
  readonly url: string;
  /** Set when this start made the account: where the administrator's API key was written. */
  readonly adminKeyFile: string | undefined;
  /** Stops accepting, finishes what runs, writes pending audit records, lets go of the store. */
  close(): Promise<void>;
  /** What this process counted so far; undefined where nothing is counted. */
  figures(): Promise<Figures | undefined>;
  /** The certificate that the service made for itself, for clients to trust. */
  readonly selfSigned: { readonly path: string; readonly fingerprint: string } | undefined;
  /**
   * What SIGHUP asks for: opens the audit file anew, after it was moved away, and reads certificate
   * and key anew. What fails is logged, and goes on as it was.
   */
  reload(): Promise<void>;
}

/** Where the service is one of several processes. */
export interface AmongProcesses {
  /** Lets others ask for this process's figures, and answers a function that asks for theirs. */
  readonly exchangeFigures?: (own: () => Promise<Figures>) => () => Promise<readonly Figures[]>;
}

const msPerDay = 24 * 60 * 60 * 1_000;
const clock = { now: (): number => Date.now() };

/**
 * Starts the service. What was opened is closed again when a later step fails.
 * @throws LatchkeyError `SETTING_INVALID`, `DATA_KEY_INVALID`, `DATA_KEY_WRONG`, `STORE_REFUSED`,
 *   `STORE_UNAVAILABLE`, `AUDIT_UNAVAILABLE`, `PASSWORD_WEAK`, `TLS_CREDENTIALS_INVALID`
 */
export async function startService(
  config: Config,
  log: Log,
  { exchangeFigures }: AmongProcesses = {},
): Promise<RunningService> {
  const opened: (() => Promise<void>)[] = [];
  const closeAll = async (): Promise<void> => {
    for (const close of opened.reverse()) await close();
  };
  try {
    const metrics = config.telemetryEnabled ? new ServiceMetrics() : undefined;
    const foundation = await openFoundation(config, opened, log);
    const { keyring, audit } = foundation;
    const keyWatch = new DataKeyWatch(foundation, `${hostname()} ${String(process.pid)}`);
    opened.push(() => keyWatch.close());
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
    const attempts = new Attempts({ ephemeral: store.ephemeral, clock }, config, (by) =>
      metrics?.load.attemptRefused(by),
    );
    const services: Services = {
      authority,
      attempts,
      ephemeral: store.ephemeral,
      keyring,
      audit: boundedAudit(audit, clock),
      clock,
      certificates: openCertificateIssuer(),
      idTokens: openIssuerVerifier({ clock }, issuers),
      codes: openCodeExchange(issuers),
      directories,
      awsCallers,
      logouts: openLogoutDelivery(),
      tokens: new AccessTokens(authority, clock),
      passwords: new PasswordHasher({ maxQueueDelayMs: config.maxQueueDelayMs }),
      settings: config,
      publicOrigin: () => config.publicUrl ?? listeningAt,
    };
    const adminKeyFile = await makeAccount(services, config);
    if (config.signingKeyDays > 0) {
      const renewal = new SigningKeyRenewal(
        { store: foundation.store, keyring, audit, clock },
        config.signingKeyDays * msPerDay,
        (error) => {
          log.error({ err: error }, 'signing keys could not be renewed');
        },
      );
      opened.push(() => renewal.close());
    }
    const certificate = await openCertificate(config, log);
    if (certificate !== undefined) {
      opened.push(async () => {
        certificate.close();
      });
      metrics?.watchCertificate(() => certificate.current.notAfter);
    }
    // What looks after accounts only has no use for it, nor for what it loads.
    const { listen } = await import('./http/server.ts');
    const http = await listen(services, store, log, {
      host: config.host,
      port: config.port,
      trustedProxies: config.trustedProxies,
      limits: loadLimitsOf(config),
      drainTimeoutMs: config.drainSeconds * 1_000,
      drainIdleMs: config.drainIdleSeconds * 1_000,
      ...(metrics === undefined ? {} : { telemetry: telemetryOf(metrics, services, exchangeFigures) }),
      hstsMaxAgeSeconds: config.tlsSelfSigned ? 0 : config.hstsMaxAgeSeconds,
      ...(certificate === undefined ? {} : { tls: certificate.current }),
    });
    listeningAt = http.url;
    opened.push(() => http.close());
    certificate?.onChange((credentials) => {
      http.useCertificate(credentials);
    });
    return {
      url: http.url,
      adminKeyFile,
      selfSigned:
        config.tlsSelfSigned && certificate !== undefined
          ? { path: selfSignedPath(config.dataFolder), fingerprint: certificate.current.fingerprint }
          : undefined,
      close: closeAll,
      figures: async () => metrics?.figures(),
      reload: async () => {
        await audit.reopen().catch((error: unknown) => {
          log.error({ err: error }, 'the audit file could not be opened anew');
        });
        await certificate?.reload();
      },
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

function telemetryOf(
  metrics: ServiceMetrics,
  services: Services,
  exchangeFigures: AmongProcesses['exchangeFigures'],
): Telemetry {
  const others = exchangeFigures?.(() => metrics.figures());
  return {
    metrics,
    inventory: inventoryReader(services),
    ...(others === undefined ? {} : { others }),
  };
}

function loadLimitsOf(config: Config): LoadLimits {
  return {
    maxConcurrentRequests: config.maxConcurrentRequests,
    maxQueueDelayMs: config.maxQueueDelayMs,
    maxConnections: config.maxConnections,
    maxConnectionsPerAddress: config.maxConnectionsPerAddress,
    headersTimeoutMs: config.headersTimeoutSeconds * 1_000,
    requestTimeoutMs: config.requestTimeoutSeconds * 1_000,
    transferGraceMs: config.transferGraceSeconds * 1_000,
    minTransferBytesPerSecond: config.minTransferBytesPerSecond,
  };
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

/**
 * Opens what looking after data keys takes, and no server, as {@link withAccounts} does.
 * @throws LatchkeyError as {@link startService}, and what the act throws
 */
export async function withDataKeys<Result>(
  config: Config,
  act: (services: RotationServices) => Promise<Result>,
): Promise<Result> {
  const opened: (() => Promise<void>)[] = [];
  try {
    const { store, keyring, audit } = await openFoundation(config, opened);
    const keyFile = config.dataKey === undefined ? openDataKeyFile(config.dataKeyFile) : undefined;
    return await act({ store, keyring, audit, clock, keyFile });
  } finally {
    for (const close of opened.reverse()) await close();
  }
}

/** What everything else stands on. */
export interface Foundation {
  readonly store: Store;
  readonly keyring: Keyring;
  readonly audit: AuditFile;
}

/**
 * Opens it; `opened` grows by what is to be closed again.
 * @param log told when the store could lose later what it acknowledges
 */
export async function openFoundation(
  config: Config,
  opened: (() => Promise<void>)[],
  log?: Log,
): Promise<Foundation> {
  await mkdir(config.dataFolder, { recursive: true, mode: 0o700 });
  const keyring = await openDataKeys(config);
  const store = await openStore(config, log);
  opened.push(() => store.close());
  await bindDataKey(store, keyring);

  const audit = await openAuditSink({ path: config.auditFile, format: config.auditFormat });
  opened.push(() => audit.close());
  return { store, keyring, audit };
}

/** Keys of a file are read anew as it changes; those of the environment stay as they are. */
async function openDataKeys(config: Config): Promise<Keyring> {
  const { dataKeyFile: file } = config;
  const [dataKey, ...otherKeys] = await loadDataKeys({
    environmentValue: config.dataKey?.reveal(),
    file,
    mayCreate: !(await hasStore(config)),
  });
  if (dataKey === undefined) throw new LatchkeyError('SETTING_INVALID', { detail: 'no data key is given' });
  if (config.dataKey !== undefined) return openKeyring({ dataKey, otherKeys });
  return openKeyring({ dataKey, otherKeys, reload: () => readDataKeyFile(file) });
}

async function openStore(config: Config, log: Log | undefined): Promise<Store> {
  if (config.store.driver === 'lmdb') return openLmdbStore({ directory: config.store.path });
  return openRedisStore({
    url: config.store.url.reveal(),
    waitReplicas: config.redisWaitReplicas,
    allowVolatile: config.allowVolatileStore,
    ...(log === undefined ? {} : { log }),
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

/** @returns undefined where HTTP is served */
async function openCertificate(config: Config, log: Log): Promise<ServerCertificate | undefined> {
  const { tlsCertFile, tlsKeyFile, tlsSelfSigned, dataFolder } = config;
  if (tlsSelfSigned) {
    const names = certificateNames(config);
    const read = (): Promise<TlsCredentials> =>
      selfSignedCredentials({ folder: dataFolder, names, now: clock.now() });
    return ServerCertificate.open({ read, renews: true }, clock, log);
  }
  if (tlsCertFile === undefined || tlsKeyFile === undefined) return undefined;
  const read = (): Promise<TlsCredentials> => readCredentials(tlsCertFile, tlsKeyFile);
  return ServerCertificate.open({ read, renews: false }, clock, log);
}

/** How clients may call the service: not by the addresses that stand for all. */
function certificateNames({ host, publicUrl }: Config): readonly string[] {
  const publicHost = publicUrl === undefined ? [] : [new URL(publicUrl).hostname.replace(/^\[|\]$/g, '')];
  return [host, ...publicHost].filter((name) => name !== '0.0.0.0' && name !== '::');
}
