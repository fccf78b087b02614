import { isIP } from 'node:net';
import { LatchkeyError } from '../../domain/errors.ts';
import type { Directory } from '../../ports/ldap-directory.ts';
import { namesThisMachine, refusalOf } from '../outbound/address.ts';

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

function notAllowed(fault: string): LatchkeyError {
  return new LatchkeyError('DIRECTORY_NOT_ALLOWED', { detail: `The address of the directory ${fault}` });
}
