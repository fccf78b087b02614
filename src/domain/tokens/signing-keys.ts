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

export interface SigningKey {
  readonly kid: string;
  readonly key: KeyObject;
  /** Milliseconds since the epoch; the newest signs. */
  readonly createdAt: number;
  /** The protected header of every token under this key, already encoded. */
  readonly protectedHeader: string;
}

const keyBytes = 32;

/** The account that a key id names, or undefined where it is not a key id of ours. */
export function accountOfKid(kid: string): Account | undefined {
  const dot = kid.indexOf('.');
  if (dot < 1) return undefined;
  const account = Buffer.from(kid.slice(0, dot), 'base64url').toString();
  return account === '' ? undefined : storedAccount(account);
}

/** A new signing key, as the change that stores it. */
export function newSigningKey(account: Account, keyring: Keyring, now: number): Change {
  const kid = `${Buffer.from(account).toString('base64url')}.${randomBytes(12).toString('base64url')}`;
  const sealed = keyring.seal(randomBytes(keyBytes), sealName(kid));
  const stored = JSON.stringify([now, Buffer.from(sealed).toString('base64')]);
  return { key: signingKeyKey(kid), value: Buffer.from(stored) };
}

/**
 * Opens a stored signing key.
 * @throws LatchkeyError `SEALED_VALUE_INVALID`, `DATA_KEY_UNKNOWN`
 */
export function openSigningKey(key: RecordKey, value: Uint8Array, keyring: Keyring): SigningKey {
  const [kid = ''] = keyParts(key);
  const [createdAt, sealed] = JSON.parse(textOf(value)) as readonly [number, string];
  const header = encodePart(JSON.stringify({ alg: 'HS256', kid, typ: 'JWT' }));
  return {
    kid,
    key: createSecretKey(keyring.open(Buffer.from(sealed, 'base64'), sealName(kid))),
    createdAt,
    protectedHeader: header,
  };
}

function sealName(kid: string): string {
  return `signing-key ${kid}`;
}
