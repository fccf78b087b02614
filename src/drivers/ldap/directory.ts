import { isIP } from 'node:net';
import { rootCertificates, type ConnectionOptions } from 'node:tls';
import { Client, InvalidCredentialsError, ResultCodeError } from 'ldapts';
import { isFailure, LatchkeyError } from '../../domain/errors.ts';
import type { Directory, LdapDirectory } from '../../ports/ldap-directory.ts';
import { guardedLookup } from '../issuer/address.ts';
import { Calls, type CallLimits } from '../issuer/calls.ts';
import { readCertificates } from '../issuer/pem.ts';
import { addressOf, checkAddress, type DirectoryRules } from './address.ts';
import { filterFor } from './filter.ts';

/** How directories are called. */
export interface DirectoryOptions extends DirectoryRules, CallLimits {
  readonly connectTimeoutMs: number;
  /** The time that one operation may take: a bind, a search. */
  readonly operationTimeoutMs: number;
}

const defaults: DirectoryOptions = {
  allowInsecureLdap: false,
  maxConcurrentFetches: 32,
  connectTimeoutMs: 3_000,
  operationTimeoutMs: 5_000,
  totalTimeoutMs: 10_000,
};

/**
 * Opens the way to directories. Each question has a connection of its own, which ends with it.
 */
export function openLdapDirectory(given: Partial<DirectoryOptions> = {}): LdapDirectory {
  const options = { ...defaults, ...given };
  const calls = new Calls(options);
  return {
    proves: async (directory, login, password) => {
      // RFC 4513 section 5.1.2: it would succeed.
      if (password === '') return false;
      try {
        checkAddress(directory, options);
        return await calls.run((signal) => ask(directory, login, password, options, signal));
      } catch (error) {
        throw asFailure(error);
      }
    },
    close: () => calls.close(),
  };
}

async function ask(
  directory: Directory,
  login: string,
  password: string,
  options: DirectoryOptions,
  signal: AbortSignal,
): Promise<boolean> {
  const filter = filterFor(directory.filterTemplate, login);
  const client = await clientFor(directory, options);
  const giveUp = new Promise<never>((_resolve, reject) => {
    signal.addEventListener(
      'abort',
      () => {
        reject(signal.reason as LatchkeyError);
      },
      { once: true },
    );
  });
  const conversation = async (): Promise<boolean> => {
    if (directory.security === 'starttls') await client.startTLS(tlsOptionsOf(directory));
    if (directory.binding !== undefined) await client.bind(directory.binding.dn, directory.binding.password);
    const found = await client.search(directory.baseDn, {
      filter,
      scope: 'sub',
      attributes: ['1.1'],
      sizeLimit: 2,
      timeLimit: Math.ceil(options.operationTimeoutMs / 1_000),
    });
    const [entry, another] = found.searchEntries;
    // An entry without a name would be an anonymous bind, and one that is not alone is anybody's guess.
    if (!entry?.dn.includes('=') || another !== undefined) return false;
    return bindsAs(client, entry.dn, password);
  };
  try {
    const answer = conversation();
    answer.catch(() => undefined);
    return await Promise.race([answer, giveUp]);
  } finally {
    // Not waited for: the answer is there, and the library ends the connection in any case.
    void client.unbind().catch(() => undefined);
  }
}

/** Whatever reason the directory has not to let somebody in, it has not let them in. */
async function bindsAs(client: Client, dn: string, password: string): Promise<boolean> {
  try {
    await client.bind(dn, password);
    return true;
  } catch (error) {
    if (error instanceof ResultCodeError) return false;
    throw error;
  }
}

async function clientFor(directory: Directory, options: DirectoryOptions): Promise<Client> {
  const { host, port, security } = directory;
  const limits = { connectTimeout: options.connectTimeoutMs, timeout: options.operationTimeoutMs };
  if (security === 'tls') {
    const place = isIP(host) === 6 ? `[${host}]` : host;
    // The library takes IPv6 addresses apart; this way it never sees the one that is connected to.
    const tlsOptions = { ...tlsOptionsOf(directory), host, lookup: guardedLookup() };
    return new Client({ url: `ldaps://${place}:${port}`, tlsOptions, ...limits });
  }
  return new Client({ url: `ldap://${await addressOf(host)}:${port}`, ...limits });
}

function tlsOptionsOf({ host, caCert }: Directory): ConnectionOptions {
  return {
    host,
    rejectUnauthorized: true,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(caCert === undefined ? {} : { ca: [...rootCertificates, ...readCertificates(caCert)] }),
  };
}

/** The library's errors are no causes here: they may hold what was sent. */
function asFailure(error: unknown): LatchkeyError {
  if (isFailure(error, 'ISSUER_TIMEOUT')) return new LatchkeyError('DIRECTORY_TIMEOUT');
  if (isFailure(error, 'SERVICE_VARIABLE_INVALID'))
    return new LatchkeyError('DIRECTORY_SETTINGS_INVALID', { detail: error.message });
  if (isFailure(error, 'ISSUER_NOT_ALLOWED'))
    return new LatchkeyError('DIRECTORY_NOT_ALLOWED', { detail: error.message });
  if (isFailure(error, 'ISSUER_UNREACHABLE')) return unreachable(error.message);
  if (isFailure(error)) return error;
  if (error instanceof InvalidCredentialsError) return unreachable('The directory refused the bind DN');
  if (error instanceof ResultCodeError)
    return unreachable(`The directory answered with result code ${error.code}`);
  return unreachable(`The directory could not be asked${codeOf(error)}`);
}

function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^[A-Z0-9_]+$/.test(code) ? ` (${code})` : '';
}

function unreachable(detail: string): LatchkeyError {
  return new LatchkeyError('DIRECTORY_UNREACHABLE', { detail });
}
