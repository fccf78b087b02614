/**
 * The credential record of a user or host: its sealed API key, the hash of its password,
 * and the addresses that it may authenticate from.
 */
import { textOf } from '../utf8.ts';
import type { RoleId } from '../ids.ts';
import type { StoredRecord } from '../../ports/store.ts';

export interface Credential {
  /** Sealed with {@link apiKeySealName} as associated data. */
  readonly sealedApiKey: Uint8Array | undefined;
  /** Argon2id in its encoded form; undefined where no password was set. */
  readonly passwordHash: string | undefined;
  /** Canonical CIDRs; empty: from anywhere. */
  readonly restrictedTo: readonly string[];
  /** Milliseconds since the epoch: the last change of key, password or restriction. */
  readonly updatedAt: number;
}

/** The associated data under which a role's API key is sealed. */
export function apiKeySealName(role: RoleId): string {
  return `api-key ${role}`;
}

interface StoredCredential {
  readonly k?: string;
  readonly p?: string;
  readonly r?: readonly string[];
  readonly u: number;
  /** The revision of the record when the credential was changed last, where it was only resealed since. */
  readonly s?: number;
}

export function encodeCredential(credential: Credential): Uint8Array {
  const { sealedApiKey, passwordHash, restrictedTo, updatedAt } = credential;
  const stored: StoredCredential = {
    ...(sealedApiKey === undefined ? {} : { k: Buffer.from(sealedApiKey).toString('base64') }),
    ...(passwordHash === undefined ? {} : { p: passwordHash }),
    ...(restrictedTo.length === 0 ? {} : { r: restrictedTo }),
    u: updatedAt,
  };
  return Buffer.from(JSON.stringify(stored));
}

/** Reads a record that {@link encodeCredential} wrote. */
export function decodeCredential(value: Uint8Array): Credential {
  const stored = JSON.parse(textOf(value)) as StoredCredential;
  return {
    sealedApiKey: stored.k === undefined ? undefined : Buffer.from(stored.k, 'base64'),
    passwordHash: stored.p,
    restrictedTo: stored.r ?? [],
    updatedAt: stored.u,
  };
}

/**
 * What tells a role's credential from those that it had before: the revision of its record, that the
 * rotation of the data key leaves as it was. 0 of a role without one.
 */
export function credentialRevisionIn(record: StoredRecord | undefined): number {
  if (record === undefined) return 0;
  const { s } = JSON.parse(textOf(record.value)) as StoredCredential;
  return s ?? record.revision;
}

/**
 * The record with its API key sealed anew; what depends on the credential being the same goes on.
 * @param reseal answers the bytes that it is given where there is nothing to do
 * @returns the value itself where there was nothing to do
 */
export function resealCredential(
  { value, revision }: StoredRecord,
  reseal: (sealed: Uint8Array) => Uint8Array,
): Uint8Array {
  const stored = JSON.parse(textOf(value)) as StoredCredential;
  if (stored.k === undefined) return value;
  const sealed = Buffer.from(stored.k, 'base64');
  const resealed = reseal(sealed);
  if (resealed === sealed) return value;
  const k = Buffer.from(resealed).toString('base64');
  return Buffer.from(JSON.stringify({ ...stored, k, s: stored.s ?? revision }));
}

const restrictionMark = Buffer.from('"r":');

/** The addresses in a record that {@link encodeCredential} wrote, without reading the rest of it. */
export function restrictedToIn(value: Uint8Array): readonly string[] {
  // Neither base64 nor the form of a hash has a quotation mark in it.
  const restricted = Buffer.from(value.buffer, value.byteOffset, value.byteLength).includes(restrictionMark);
  return restricted ? decodeCredential(value).restrictedTo : [];
}
