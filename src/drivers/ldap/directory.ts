import { isFailure, LatchkeyError } from '../../domain/errors.ts';
import type { Directory, LdapDirectory } from '../../ports/ldap-directory.ts';
import { Calls, type CallLimits } from '../outbound/calls.ts';
import { checkAddress, type DirectoryRules } from './address.ts';
import { LdapConnection, refusedWith, unreachable, type ConnectionLimits } from './connection.ts';
import { filterFor } from './filter.ts';

/** How directories are called. */
export interface DirectoryOptions extends DirectoryRules, CallLimits, ConnectionLimits {}

/** Result codes (RFC 4511 appendix A.1). */
const codes = { success: 0, sizeLimitExceeded: 4, invalidCredentials: 49 } as const;

const defaults: DirectoryOptions = {
  allowInsecureLdap: false,
  maxConcurrentFetches: 32,
  maxConcurrentPerPlace: 16,
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
      // RFC 4513 section 5.1.2: it would succeed; and there are directories for which text ends with a NUL.
      if (password === '' || password.includes('\0')) return false;
      try {
        checkAddress(directory, options);
        const place = `${directory.host}:${directory.port}`;
        return await calls.run((signal) => ask(directory, login, password, options, signal), place);
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
  const connection = await LdapConnection.open(directory, options, signal);
  try {
    if (directory.binding !== undefined) await bindFirst(connection, directory.binding);
    const { resultCode, dns } = await connection.search(directory.baseDn, filter);
    if (resultCode === codes.sizeLimitExceeded) return false;
    if (resultCode !== codes.success) throw refusedWith(resultCode);
    const [dn, another] = dns;
    // An entry without a name would be an anonymous bind, and one that is not alone is anybody's guess.
    if (!dn?.includes('=') || another !== undefined) return false;
    // Whatever reason the directory has not to let somebody in, it has not let them in.
    return (await connection.bind(dn, password)) === codes.success;
  } finally {
    connection.end();
  }
}

async function bindFirst(
  connection: LdapConnection,
  { dn, password }: NonNullable<Directory['binding']>,
): Promise<void> {
  const resultCode = await connection.bind(dn, password);
  if (resultCode === codes.invalidCredentials) throw unreachable('The directory refused the bind DN');
  if (resultCode !== codes.success) throw refusedWith(resultCode);
}

/** The failures of what calls to issuers share, in the words of directories. */
function asFailure(error: unknown): LatchkeyError {
  if (isFailure(error, 'ISSUER_TIMEOUT')) return new LatchkeyError('DIRECTORY_TIMEOUT');
  if (isFailure(error, 'SERVICE_VARIABLE_INVALID'))
    return new LatchkeyError('DIRECTORY_SETTINGS_INVALID', { detail: error.message });
  if (isFailure(error, 'ISSUER_NOT_ALLOWED'))
    return new LatchkeyError('DIRECTORY_NOT_ALLOWED', { detail: error.message });
  if (isFailure(error, 'ISSUER_UNREACHABLE')) return unreachable(error.message);
  return isFailure(error) ? error : unreachable('The directory could not be asked');
}
