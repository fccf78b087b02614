/** The record of a host-factory token. The token itself is never stored, only its hash, as the key. */
import { textOf } from '../utf8.ts';
import { createHash } from 'node:crypto';
import { storedResourceId, type RecordKey, type ResourceId } from '../ids.ts';
import { keyParts } from './keys.ts';

/** What a token permits: whoever holds it may make hosts with the factory until it expires. */
export interface HostFactoryToken {
  /** SHA-256 of the token, in hexadecimal. A token is 256 random bits, so this says nothing of it. */
  readonly hash: string;
  readonly hostFactory: ResourceId;
  /** Canonical CIDRs that it may be used from; empty: from anywhere. */
  readonly cidr: readonly string[];
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** The hash by which a token is found. */
export function hashOfToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** The stored form of what the key does not say: a JSON array. */
export function encodeHostFactoryToken({ hostFactory, cidr, expiresAt }: HostFactoryToken): Uint8Array {
  return Buffer.from(JSON.stringify([hostFactory, expiresAt, cidr]));
}

/** Reads a record that {@link encodeHostFactoryToken} wrote. */
export function decodeHostFactoryToken(key: RecordKey, value: Uint8Array): HostFactoryToken {
  const [hostFactory, expiresAt, cidr] = JSON.parse(textOf(value)) as [string, number, readonly string[]];
  const [hash = ''] = keyParts(key);
  return { hash, hostFactory: storedResourceId(hostFactory), cidr, expiresAt };
}

const handlePrefix = 'sha256:';

/**
 * What stands for a token where its factory is shown, as the token itself is not kept: it can be
 * revoked by its handle, but no host can be made with that.
 */
export function handleOf({ hash }: HostFactoryToken): string {
  return `${handlePrefix}${hash}`;
}

/** The hash that a handle stands for; undefined where the text is no handle. */
export function hashOfHandle(text: string): string | undefined {
  return text.startsWith(handlePrefix) ? text.slice(handlePrefix.length) : undefined;
}
