/**
 * Branded identifiers. A role and the resource of the same name share a spelling,
 * `account:kind:identifier`, so the brands let the compiler tell them apart.
 * Only this file makes them.
 */
import { LatchkeyError } from './errors.ts';

declare const brand: unique symbol;

/** The name of an account: the tenant that every id, token and record belongs to. */
export type Account = string & { readonly [brand]: 'Account' };
/** `account:kind:identifier` of something that can act and can hold other roles. */
export type RoleId = string & { readonly [brand]: 'RoleId' };
/** `account:kind:identifier` of something that privileges are held on. */
export type ResourceId = string & { readonly [brand]: 'ResourceId' };
/** The key of a stored record: its collection, a tab, and the parts that name it, tab-separated. Made by records/keys.ts. */
export type RecordKey = string & { readonly [brand]: 'RecordKey' };
/** Counts the values of one variable from 1; never reused while the variable lives. */
export type SecretVersion = number & { readonly [brand]: 'SecretVersion' };

/** The three parts of a full id. The identifier may itself contain colons. */
export interface IdParts {
  readonly account: string;
  readonly kind: string;
  readonly identifier: string;
}

/** The longest full id that is accepted, in UTF-8 bytes (Conjur fails at about 2,700). */
export const maxIdBytes = 1_000;

const accountForm = /^[^\s:/\p{Cc}]{1,128}$/u;
/** Control characters, and halves of surrogate pairs, which have no UTF-8 form. */
const controlCharacter = /[\p{Cc}\p{Cs}]/u;

/**
 * Reads an account name.
 * @throws LatchkeyError `ACCOUNT_NAME_INVALID`: blank, over 128 characters, or with white space, `:`, `/`
 */
export function toAccount(text: string): Account {
  if (!accountForm.test(text)) throw new LatchkeyError('ACCOUNT_NAME_INVALID');
  return text as Account;
}

/** Whether the text has a character that no id may contain: a control character, or half a surrogate pair. */
export function hasControlCharacter(text: string): boolean {
  return controlCharacter.test(text);
}

/** Whether `kind` and `identifier` may form an id: both non-empty, no control character, within {@link maxIdBytes}. */
export function isIdText(account: string, kind: string, identifier: string): boolean {
  return (
    kind !== '' &&
    identifier !== '' &&
    !hasControlCharacter(kind) &&
    !hasControlCharacter(identifier) &&
    Buffer.byteLength(account) + Buffer.byteLength(kind) + Buffer.byteLength(identifier) + 2 <= maxIdBytes
  );
}

function fullId(account: string, kind: string, identifier: string): string {
  if (!isIdText(account, kind, identifier)) throw new LatchkeyError('ID_INVALID');
  return `${account}:${kind}:${identifier}`;
}

/** @throws LatchkeyError `ID_INVALID`: empty part, control character, or too long */
export function toRoleId(account: string, kind: string, identifier: string): RoleId {
  return fullId(account, kind, identifier) as RoleId;
}

/** @throws LatchkeyError `ID_INVALID`: empty part, control character, or too long */
export function toResourceId(account: string, kind: string, identifier: string): ResourceId {
  return fullId(account, kind, identifier) as ResourceId;
}

/** @throws LatchkeyError `SECRET_VERSION_INVALID`: not a safe integer */
export function toSecretVersion(number: number): SecretVersion {
  if (!Number.isSafeInteger(number)) throw new LatchkeyError('SECRET_VERSION_INVALID');
  return number as SecretVersion;
}

/** The resource that shares a role's spelling. */
export function resourceOf(role: RoleId): ResourceId {
  return role as string as ResourceId;
}

/** The role that shares a resource's spelling. */
export function roleOf(resource: ResourceId): RoleId {
  return resource as string as RoleId;
}

/** Takes back an id that was written by this service (a record key, a stored row). */
export function storedRoleId(text: string): RoleId {
  return text as RoleId;
}

/** Takes back an id that was written by this service (a record key, a stored row). */
export function storedResourceId(text: string): ResourceId {
  return text as ResourceId;
}

/** Takes back an account name that was written by this service. */
export function storedAccount(text: string): Account {
  return text as Account;
}

/** Takes back a record key that was written by this service. */
export function storedRecordKey(text: string): RecordKey {
  return text as RecordKey;
}

/**
 * Splits `account:kind:identifier` at its first two colons.
 * @returns undefined when there are fewer than two colons or a part is empty
 */
export function splitId(text: string): IdParts | undefined {
  const first = text.indexOf(':');
  const second = text.indexOf(':', first + 1);
  if (first < 1 || second < first + 2 || second === text.length - 1) return undefined;
  return {
    account: text.slice(0, first),
    kind: text.slice(first + 1, second),
    identifier: text.slice(second + 1),
  };
}

/** The parts of an id that is known to be whole. */
export function partsOf(id: RoleId | ResourceId): IdParts {
  const first = id.indexOf(':');
  const second = id.indexOf(':', first + 1);
  return { account: id.slice(0, first), kind: id.slice(first + 1, second), identifier: id.slice(second + 1) };
}

/**
 * The role that a login name stands for: `alice` is a user, `host/a/b` a host, in general
 * `kind/identifier`; only the first `/` splits, and `user/alice` is `alice`.
 * @throws LatchkeyError `ID_INVALID`
 * @see Conjur: login names, `Role.roleid_from_username`
 */
export function roleOfLogin(account: Account, login: string): RoleId {
  const slash = login.indexOf('/');
  if (slash === -1) return toRoleId(account, 'user', login);
  return toRoleId(account, login.slice(0, slash), login.slice(slash + 1));
}

/** The login name of a role: the inverse of {@link roleOfLogin}. */
export function loginOf(role: RoleId): string {
  const { kind, identifier } = partsOf(role);
  return kind === 'user' && !identifier.includes('/') ? identifier : `${kind}/${identifier}`;
}

/** The administrator of an account, made with it. */
export function adminOf(account: Account): RoleId {
  return toRoleId(account, 'user', 'admin');
}

/** The policy at the root of an account, made with it. */
export function rootPolicyOf(account: Account): ResourceId {
  return toResourceId(account, 'policy', 'root');
}
