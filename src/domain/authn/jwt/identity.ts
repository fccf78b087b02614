/** Which role a JWT is presented for: a host that the token names, or the login in the URL. */
import type { Claims } from '../../../ports/id-token-verifier.ts';
import { isFailure, LatchkeyError } from '../../errors.ts';
import type { Account, RoleId } from '../../ids.ts';
import { federatedRole } from '../federated-role.ts';
import { claimAt, literalClaim, requireClaimPath } from './claim-names.ts';
import { inspected } from './inspected.ts';
import type { JwtService } from './service.ts';

const kind = 'authn-jwt';

/**
 * @param login as in the URL, where it has one
 * @throws LatchkeyError `JWT_IDENTITY_MISCONFIGURED`: both the service and the URL name a role, or neither does
 * @throws LatchkeyError `JWT_IDENTITY_PATH_INVALID`, `JWT_IDENTITY_MISSING`, `JWT_IDENTITY_NOT_TEXT`
 * @throws LatchkeyError `CLAIM_KIND_REFUSED`, `ADMIN_REFUSED`, `AUTHENTICATION_ROLE_NOT_FOUND`
 */
export function identityOf(
  account: Account,
  login: string | undefined,
  service: Pick<JwtService, 'tokenAppProperty' | 'identityPath'>,
  claims: Claims,
): RoleId {
  const { tokenAppProperty } = service;
  if ((login === undefined) === (tokenAppProperty === undefined))
    throw new LatchkeyError('JWT_IDENTITY_MISCONFIGURED');
  if (login !== undefined) return federatedRole(account, login, kind);
  const name = nameIn(claims, tokenAppProperty ?? '');
  return federatedRole(account, ['host', service.identityPath, name].reduce(joined), kind);
}

/**
 * The path of `token-app-property`, as the status check judges it.
 * @throws LatchkeyError `JWT_IDENTITY_PATH_INVALID`
 */
export function requireIdentityPath(property: string): void {
  try {
    requireClaimPath(property);
  } catch (error) {
    if (!isFailure(error)) throw error;
    throw new LatchkeyError('JWT_IDENTITY_PATH_INVALID', {
      detail: `Failed to parse 'token-app-property' value. Error: '${inspected(error)}'`,
      cause: error,
    });
  }
}

function nameIn(claims: Claims, property: string): string {
  // A claim of that very name serves, whatever the name looks like: `https://example.com/host`.
  if (literalClaim(claims, property) === undefined) requireIdentityPath(property);
  const value = claimAt(claims, property);
  if (value === undefined || isEmpty(value)) {
    throw new LatchkeyError('JWT_IDENTITY_MISSING', { detail: `'${property}' field not found in the token` });
  }
  if (typeof value === 'string') return value;
  throw new LatchkeyError('JWT_IDENTITY_NOT_TEXT', {
    detail: `'${property}' value in token has type '${typeName(value)}'. An identity must be a String.`,
  });
}

function isEmpty(value: unknown): boolean {
  return value === '' || (typeof value === 'object' && value !== null && Object.keys(value).length === 0);
}

function typeName(value: unknown): string {
  if (Array.isArray(value)) return 'Array';
  return typeof value === 'object' ? 'Hash' : typeof value;
}

/** Joins two parts of a name by one slash, however many they bring along there. */
function joined(left: string, right: string): string {
  if (right === '') return left;
  return `${withoutTrailing(left)}/${withoutLeading(right)}`;
}

function withoutTrailing(text: string): string {
  let end = text.length;
  while (text.charAt(end - 1) === '/') end -= 1;
  return text.slice(0, end);
}

function withoutLeading(text: string): string {
  let start = 0;
  while (text.charAt(start) === '/') start += 1;
  return text.slice(start);
}
