/**
 * What is kept for a while, and how it is found again. Three tables: the entries, by the address
 * that a record would have; their expiry times with their addresses, in the order of time; and the
 * groups' members. Both indexes are exact: whoever replaces or removes an entry keeps them so.
 */
import { hash } from 'node:crypto';
import { storedAccount, type Account } from '../../domain/ids.ts';
import type { EphemeralEntry } from '../../ports/ephemeral-store.ts';
import { asBuffer } from './codec.ts';
import type { Environment } from './environment.ts';
import { accountRange, collectionRange, keyOfAddress, recordAddress, type Address } from './keys.ts';

/** An entry as stored, without its key. The value lies in LMDB's own memory until it is copied. */
export interface Kept {
  readonly expiresAtMs: number;
  readonly used: boolean;
  readonly group: string | undefined;
  readonly value: Buffer;
}

const usedFlag = 1;
const groupFlag = 2;
const flagsAt = 8;
const headBytes = flagsAt + 1;
const groupLengthBytes = 2;
/** Times as text of one length, so that they sort. */
const timeDigits = 16;
const nothing = Buffer.of(0);

/** Counters and entries may have the same key. */
export type Kind = 'entry' | 'counter';

export function ephemeralAddress(account: Account, kind: Kind, key: string): Address {
  return recordAddress(account, recordKeyOf(kind, key));
}

const entryPrefix = recordKeyOf('entry', '');

function recordKeyOf(kind: Kind, key: string): string {
  return `${kind}\t${key}`;
}

/** An entry that has not expired. */
export function findKept(environment: Environment, address: Address, nowMs: number): Kept | undefined {
  const kept = readKept(environment, address);
  return kept !== undefined && kept.expiresAtMs > nowMs ? kept : undefined;
}

function readKept(environment: Environment, address: Address): Kept | undefined {
  const stored = environment.ephemeral.getBinaryFast(address);
  return stored === undefined ? undefined : decodeKept(asBuffer(stored));
}

/** Keeps an entry in place of what is there. Must run in a write transaction, as all that follow. */
export function keep(
  environment: Environment,
  account: Account,
  { key, value, ttlMs, group }: EphemeralEntry,
  nowMs: number,
): void {
  const address = ephemeralAddress(account, 'entry', key);
  discard(environment, address);
  write(environment, address, { expiresAtMs: nowMs + ttlMs, used: false, group, value: bufferOf(value) });
  if (group !== undefined) {
    environment.ephemeralGroups.putSync(
      memberAddress(account, group, address),
      Buffer.from(recordKeyOf('entry', key)),
    );
  }
}

/** Writes an entry that is in no group yet, or stays in the one that it is in. */
export function write(environment: Environment, address: Address, kept: Kept): void {
  environment.ephemeral.putSync(address, encodeKept(kept));
  environment.ephemeralExpiry.putSync(expiryAddress(kept.expiresAtMs, address), nothing);
}

/** Changes what an entry says; when it expires and its group stay. */
export function rewrite(environment: Environment, address: Address, kept: Kept): void {
  environment.ephemeral.putSync(address, encodeKept(kept));
}

/** Removes an entry, expired or not, with what the indexes say of it. */
export function discard(environment: Environment, address: Address): void {
  const kept = readKept(environment, address);
  if (kept === undefined) return;
  const { expiresAtMs, group } = kept;
  environment.ephemeral.removeSync(address);
  environment.ephemeralExpiry.removeSync(expiryAddress(expiresAtMs, address));
  if (group !== undefined)
    environment.ephemeralGroups.removeSync(memberAddress(accountOf(address), group, address));
}

/** Removes what expired first, of any account and before a time. */
export function sweep(environment: Environment, beforeMs: number, limit: number): void {
  const range = { end: expiryAddress(Math.max(0, beforeMs + 1), ''), limit };
  for (const expired of [...environment.ephemeralExpiry.getKeys(range)]) {
    discard(environment, addressIn(expired));
  }
}

/**
 * The next entries of an account, expired or not, so many at most.
 * @param after the address that the slice before ended with; undefined at the beginning
 */
export function nextKept(
  environment: Environment,
  account: Account,
  after: Address | undefined,
  limit: number,
): { readonly entries: readonly (readonly [key: string, kept: Kept])[]; readonly last: Address | undefined } {
  const { start, end } = collectionRange(account, 'entry');
  const entries: (readonly [string, Kept])[] = [];
  let last: Address | undefined;
  const range = { start: after ?? start, exclusiveStart: after !== undefined, end, limit };
  for (const { key: address, value } of environment.ephemeral.getRange(range)) {
    last = address;
    if (typeof address !== 'string') continue;
    const key = keyOfAddress(account, address).slice(entryPrefix.length);
    entries.push([key, decodeKept(Buffer.from(asBuffer(value)))]);
  }
  return { entries, last };
}

/** The addresses of a group's members, so many at most. */
export function membersOf(
  environment: Environment,
  account: Account,
  group: string,
  limit: number,
): readonly Address[] {
  const start = groupPrefix(account, group);
  // The members' own part is of a form that ends before `~`.
  const members = environment.ephemeralGroups.getRange({ start, end: `${start}~`, limit });
  return [...members].map(({ value }) => recordAddress(account, asBuffer(value).toString()));
}

/** Removes entries of an account, so many at most; answers how many there were. */
export function discardOf(environment: Environment, account: Account, limit: number): number {
  const addresses = [...environment.ephemeral.getKeys({ ...accountRange(account), limit })];
  for (const address of addresses) discard(environment, address);
  return addresses.length;
}

function expiryAddress(timeMs: number, address: Address): Address {
  const time = Math.ceil(timeMs).toString().padStart(timeDigits, '0');
  return typeof address === 'string' ? time + address : Buffer.concat([Buffer.from(time), address]);
}

/** The address that an expiry time stands before. */
function addressIn(expiry: Address): Address {
  return typeof expiry === 'string' ? expiry.slice(timeDigits) : expiry.subarray(timeDigits);
}

function memberAddress(account: Account, group: string, address: Address): string {
  return groupPrefix(account, group) + digest(address);
}

function groupPrefix(account: Account, group: string): string {
  return `${account}\0${digest(group)}`;
}

function digest(text: string | Buffer): string {
  return hash('sha256', text, 'base64url');
}

function accountOf(address: Address): Account {
  const end = address.indexOf('\0');
  return storedAccount(
    typeof address === 'string' ? address.slice(0, end) : address.toString('utf8', 0, end),
  );
}

function bufferOf(value: Uint8Array): Buffer {
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}

function encodeKept({ expiresAtMs, used, group, value }: Kept): Buffer {
  const groupBytes = group === undefined ? 0 : groupLengthBytes + Buffer.byteLength(group);
  const bytes = Buffer.allocUnsafe(headBytes + groupBytes + value.length);
  bytes.writeDoubleLE(expiresAtMs, 0);
  bytes[flagsAt] = (used ? usedFlag : 0) | (group === undefined ? 0 : groupFlag);
  if (group !== undefined) {
    bytes.writeUInt16LE(groupBytes - groupLengthBytes, headBytes);
    bytes.write(group, headBytes + groupLengthBytes);
  }
  value.copy(bytes, headBytes + groupBytes);
  return bytes;
}

function decodeKept(bytes: Buffer): Kept {
  const flags = bytes[flagsAt] ?? 0;
  const grouped = (flags & groupFlag) !== 0;
  const groupAt = headBytes + groupLengthBytes;
  const groupEnd = grouped ? groupAt + bytes.readUInt16LE(headBytes) : headBytes;
  return {
    expiresAtMs: bytes.readDoubleLE(0),
    used: (flags & usedFlag) !== 0,
    group: grouped ? bytes.toString('utf8', groupAt, groupEnd) : undefined,
    // LMDB's buffer is larger than the length it states, and newer releases of Node.js cut by the former.
    value: bytes.subarray(groupEnd, bytes.length),
  };
}
