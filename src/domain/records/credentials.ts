/**
 * The credential record of a user or host: its sealed API key, the hash of its password,
 * and the addresses that it may authenticate from.
 */
import { textOf } from '../utf8.ts';
import type { RoleId } from '../ids.ts';

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
