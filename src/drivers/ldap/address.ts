import { isIP } from 'node:net';
import { LatchkeyError } from '../../domain/errors.ts';
import type { Directory } from '../../ports/ldap-directory.ts';
import { guardedLookup, namesThisMachine, refusalOf } from '../issuer/address.ts';

/** What an operator may loosen. */
export interface DirectoryRules {
  /** Allows connections without TLS to other machines. Passwords go over them. */
  readonly allowInsecureLdap: boolean;
}

const hostForm = /^[A-Za-z0-9._:-]{1,255}$/;

/**
 * Judges where a directory is: never at a link-local, unspecified, multicast or cloud metadata
 * address; without TLS only on this machine.
 * @throws LatchkeyError `DIRECTORY_NOT_ALLOWED`
 */
export function checkAddress({ host, security }: Directory, rules: DirectoryRules): void {
  if (!hostForm.test(host)) throw notAllowed('is neither a host name nor an IP address');
  const refusal = isIP(host) === 0 ? undefined : refusalOf(host);
  if (refusal !== undefined) throw notAllowed(`is ${refusal}`);
  if (security === 'none' && !rules.allowInsecureLdap && !namesThisMachine(host))
    throw notAllowed('is on another machine, and the connection has no TLS (--allow-insecure-ldap)');
}

/**
 * What to connect to without TLS, or before it: the very address that was looked at, so that a name
 * that resolves differently from one time to the next gains nothing.
 * @throws LatchkeyError `DIRECTORY_NOT_ALLOWED`, `DIRECTORY_UNREACHABLE`
 */
export async function addressOf(host: string): Promise<string> {
  if (isIP(host) === 4) return host;
  if (isIP(host) === 6) return spellable(host);
  return new Promise((resolve, reject) => {
    guardedLookup()(host, { family: 4 }, (error, address) => {
      if (error === null && typeof address === 'string') resolve(address);
      else reject(asFailure(error));
    });
  });
}

/**
 * The library writes the groups of an IPv6 address in decimal, so that only those below ten come
 * out as they went in; another would name another machine.
 */
function spellable(address: string): string {
  if (/^[\d:]+$/.test(address) && address.split(':').every((group) => Number(group) < 10))
    return `[${address}]`;
  throw notAllowed('is an IPv6 address: give the name of the host, which has an IPv4 address, or use ldaps');
}

function asFailure(cause: unknown): LatchkeyError {
  if (cause instanceof LatchkeyError) return notAllowed(cause.message);
  return new LatchkeyError('DIRECTORY_UNREACHABLE', {
    detail: 'The host name of the directory has no IPv4 address',
    cause,
  });
}

function notAllowed(fault: string): LatchkeyError {
  return new LatchkeyError('DIRECTORY_NOT_ALLOWED', { detail: `The address of the directory ${fault}` });
}
