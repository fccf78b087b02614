/**
 * The keys under which an account's access tokens are signed: HMAC-SHA-256 keys that only
 * this service's own processes know, stored sealed.
 */
import { textOf } from '../utf8.ts';
import { createSecretKey, randomBytes, type KeyObject } from 'node:crypto';
import type { Account, RecordKey } from '../ids.ts';
import { storedAccount } from '../ids.ts';
import type { Keyring } from '../../ports/keyring.ts';
import type { Change } from '../../ports/store.ts';
import { keyParts, signingKeyKey } from '../records/keys.ts';
import { encodePart } from './encode-part.ts';

/** When a key was made, and, once it was replaced, from when on it verifies nothing: milliseconds since the epoch. */
export interface SigningKeyTimes {
  readonly createdAt: number;
  readonly expiresAt?: number;
}

/** The one that was not replaced signs; the others verify until they expire. */
export interface SigningKey extends SigningKeyTimes {
  readonly kid: string;
  readonly key: KeyObject;
  /** The protected header of every token under this key, already encoded. */
  readonly protectedHeader: string;
}

/** As it is stored: when it was made, the key sealed and in base64, when it expires. */
type StoredSigningKey = readonly [createdAt: number, sealed: string, expiresAt?: number];

const keyBytes = 32;

/** The account that a key id names, or undefined where it is not a key id of ours. */
export function accountOfKid(kid: string): Account | undefined {
  const dot = kid.indexOf('.');
  if (dot < 1) return undefined;
  const account = Buffer.from(kid.slice(0, dot), 'base64url').toString();
  return account === '' ? undefined : storedAccount(account);
}

/** A new signing key, as the change that stores it. */
export function newSigningKey(account: Account, keyring: Keyring, createdAt: number): Change {
  const kid = `${Buffer.from(account).toString('base64url')}.${randomBytes(12).toString('base64url')}`;
  const sealed = keyring.seal(randomBytes(keyBytes), signingKeySealName(kid));
  const stored: StoredSigningKey = [createdAt, Buffer.from(sealed).toString('base64')];
  return { key: signingKeyKey(kid), value: Buffer.from(JSON.stringify(stored)) };
}

/**
 * Opens a stored signing key.
 * @throws LatchkeyError `SEALED_VALUE_INVALID`, `DATA_KEY_UNKNOWN`
 */
export function openSigningKey(key: RecordKey, value: Uint8Array, keyring: Keyring): SigningKey {
  const [kid = ''] = keyParts(key);
  const [createdAt, sealed, expiresAt] = JSON.parse(textOf(value)) as StoredSigningKey;
  const header = encodePart(JSON.stringify({ alg: 'HS256', kid, typ: 'JWT' }));
  return {
    kid,
    key: createSecretKey(keyring.open(Buffer.from(sealed, 'base64'), signingKeySealName(kid))),
    createdAt,
    ...(expiresAt === undefined ? {} : { expiresAt }),
    protectedHeader: header,
  };
}

/** What a stored signing key says of itself without being opened. */
export function signingKeyTimes(value: Uint8Array): SigningKeyTimes {
  const [createdAt, , expiresAt] = JSON.parse(textOf(value)) as StoredSigningKey;
  return { createdAt, ...(expiresAt === undefined ? {} : { expiresAt }) };
}

/** The stored form of the same key that expires then. */
export function expiringSigningKey(value: Uint8Array, expiresAt: number): Uint8Array {
  const [createdAt, sealed] = JSON.parse(textOf(value)) as StoredSigningKey;
  const stored: StoredSigningKey = [createdAt, sealed, expiresAt];
  return Buffer.from(JSON.stringify(stored));
}

/**
 * The stored form of the same key, sealed anew.
 * @param reseal answers the bytes that it is given where there is nothing to do
 * @returns the value itself where there was nothing to do
 */
export function resealSigningKey(value: Uint8Array, reseal: (sealed: Uint8Array) => Uint8Array): Uint8Array {
  const [createdAt, text, ...rest] = JSON.parse(textOf(value)) as StoredSigningKey;
  const sealed = Buffer.from(text, 'base64');
  const resealed = reseal(sealed);
  if (resealed === sealed) return value;
  return Buffer.from(JSON.stringify([createdAt, Buffer.from(resealed).toString('base64'), ...rest]));
}

/** The associated data under which a signing key is sealed. */
export function signingKeySealName(kid: string): string {
  return `signing-key ${kid}`;
}
