/** The identifiers of Akeyless' dialect that stand for what policy defines: access ids, group ids, key ids. */
import { createHash } from 'node:crypto';
import type { Account } from '../../ids.ts';
import type { RoleRow } from '../../records/rows.ts';
import type { Group } from '../identity/entities.ts';
import { identifierOf } from '../identity/subject.ts';

type Named = Pick<RoleRow, 'role' | 'createdAt'>;

/** `c-` and 20 of `[a-z0-9]`. */
export const clientIdForm = /^c-[a-z0-9]{20}$/;
/** `p-` and 12 of `[a-z0-9]`. */
export const accessIdForm = /^p-[a-z0-9]{12}$/;
/** `g-` and 12 of `[a-z0-9]`. */
export const groupIdForm = /^g-[a-z0-9]{12}$/;

/**
 * The access id of an authentication method: of an authenticator as lists name it, `authn` or
 * `authn-oidc/okta`. The same for as long as account and authenticator have their names.
 */
export function methodAccessId(account: Account, authenticator: string): string {
  return `p-${derived('method', `${account}\t${authenticator}`)}`;
}

/**
 * The access id of a user or host itself, with which it presents its API key, and the unique id of its
 * subjects. A role that was removed and made again has another.
 */
export function roleAccessId(role: Named): string {
  return `p-${derived('role', identifierOf(role))}`;
}

/** The id of a group, by its identifier; as with roles, one that was made again has another. */
export function groupIdOf({ id }: Pick<Group, 'id'>): string {
  return `g-${derived('group', id)}`;
}

/** The key id that tokens and the JWKS show for a pair of a named key. */
export function shownKeyId(kid: string): string {
  return `k-${derived('key', kid)}`;
}

/** A number that stands for an item, where clients want one: 48 bits, which JSON carries. */
export function itemIdOf(clientId: string): number {
  return digestOf('item', clientId).readUIntBE(0, 6);
}

/** Twelve of 36 characters: 62 of the digest's bits. */
function derived(kind: string, text: string): string {
  const number = digestOf(kind, text).readBigUInt64BE();
  return (number % 36n ** 12n).toString(36).padStart(12, '0');
}

function digestOf(kind: string, text: string): Buffer {
  return createHash('sha256').update(`akeyless ${kind}\t${text}`).digest();
}
