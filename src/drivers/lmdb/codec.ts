/** The bytes of what the environment holds: records, the state of an account, entries of the change log. */
import type { Epoch } from '../../ports/epoch.ts';
import type { StoredRecord } from '../../ports/store.ts';
import type { Address } from './keys.ts';

const revisionBytes = 8;
const keyLengthBytes = 2;

/** A record as stored: its revision, its whole key where the address is hashed, its value. */
export function encodeRecord(address: Address, key: string, revision: number, value: Uint8Array): Buffer {
  const keyBytes = typeof address === 'string' ? 0 : keyLengthBytes + Buffer.byteLength(key);
  const bytes = Buffer.allocUnsafe(revisionBytes + keyBytes + value.byteLength);
  bytes.writeDoubleLE(revision, 0);
  if (keyBytes > 0) {
    bytes.writeUInt16LE(keyBytes - keyLengthBytes, revisionBytes);
    bytes.write(key, revisionBytes + keyLengthBytes);
  }
  bytes.set(value, revisionBytes + keyBytes);
  return bytes;
}

/** The revision of a stored record. */
export function revisionOf(stored: Buffer): number {
  return stored.readDoubleLE(0);
}

/** Copies a record out of LMDB's own memory, which the next read overwrites. */
export function decodeRecord(address: Address, stored: Uint8Array): StoredRecord {
  const bytes = asBuffer(stored);
  const start = valueStart(address, bytes);
  const value = Buffer.allocUnsafe(bytes.length - start);
  bytes.copy(value, 0, start, bytes.length);
  return { value, revision: bytes.readDoubleLE(0) };
}

/** LMDB hands out what exceeds its buffer as a view of the map that is not a Buffer. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The whole key of a record whose address is hashed. */
export function storedKey(stored: Buffer): string {
  const start = revisionBytes + keyLengthBytes;
  return stored.toString('utf8', start, start + stored.readUInt16LE(revisionBytes));
}

function valueStart(address: Address, bytes: Buffer): number {
  if (typeof address === 'string') return revisionBytes;
  return revisionBytes + keyLengthBytes + bytes.readUInt16LE(revisionBytes);
}

/** What is kept of an account besides its records. */
export interface AccountState {
  readonly epoch: Epoch;
  /** Grows with every commit. */
  readonly revision: number;
  /** The oldest epoch counter from which the change log can tell what happened since. */
  readonly logFloor: number;
  /** How many keys the change log holds; an entry without keys counts as one. */
  readonly logWeight: number;
}

/** The epoch of an account that has not been made. */
export const noEpoch: Epoch = { lineage: '', counter: 0 };

export const lineageBytes = 16;
const stateBytes = lineageBytes + 4 * 8;
const noLineage = Buffer.alloc(lineageBytes);

/** What is kept of a removed account: its revision, so that none ever comes back, and no lineage. */
export function removedState(revision: number): AccountState {
  return { epoch: noEpoch, revision, logFloor: 0, logWeight: 0 };
}

export function encodeState(state: AccountState): Buffer {
  const bytes = Buffer.alloc(stateBytes);
  bytes.write(state.epoch.lineage, 0, 'hex');
  bytes.writeDoubleLE(state.epoch.counter, lineageBytes);
  bytes.writeDoubleLE(state.revision, lineageBytes + 8);
  bytes.writeDoubleLE(state.logFloor, lineageBytes + 16);
  bytes.writeDoubleLE(state.logWeight, lineageBytes + 24);
  return bytes;
}

export function decodeState(bytes: Buffer): AccountState {
  return {
    epoch: isRemoved(bytes)
      ? noEpoch
      : { lineage: bytes.toString('hex', 0, lineageBytes), counter: bytes.readDoubleLE(lineageBytes) },
    revision: bytes.readDoubleLE(lineageBytes + 8),
    logFloor: bytes.readDoubleLE(lineageBytes + 16),
    logWeight: bytes.readDoubleLE(lineageBytes + 24),
  };
}

/** Whether a stored state is that of an account that was removed. */
export function isRemoved(state: Buffer): boolean {
  return noLineage.compare(state, 0, lineageBytes) === 0;
}

/** Recognises an epoch that was decoded before, so that a read seldom makes a new one. */
export class EpochCache {
  readonly #bytes = Buffer.alloc(lineageBytes + 8);
  #epoch: Epoch | undefined;

  /** The epoch in an account's stored state. */
  of(state: Buffer): Epoch {
    if (this.#epoch !== undefined && this.#bytes.compare(state, 0, this.#bytes.length) === 0)
      return this.#epoch;
    state.copy(this.#bytes, 0, 0, this.#bytes.length);
    this.#epoch = decodeState(state).epoch;
    return this.#epoch;
  }
}

/** An entry of the change log: the keys that one authority commit touched. */
export function encodeLogEntry(keys: readonly string[]): Buffer {
  let size = 4;
  for (const key of keys) size += keyLengthBytes + Buffer.byteLength(key);
  const bytes = Buffer.allocUnsafe(size);
  let offset = bytes.writeUInt32LE(keys.length, 0);
  for (const key of keys) {
    const written = bytes.write(key, offset + keyLengthBytes);
    bytes.writeUInt16LE(written, offset);
    offset += keyLengthBytes + written;
  }
  return bytes;
}

/** How much an entry counts in {@link AccountState.logWeight}. */
export function weightOfLogEntry(entry: Buffer): number {
  return Math.max(1, entry.readUInt32LE(0));
}

/** The keys of an entry, as often as they were touched. */
export function* keysInLogEntry(entry: Buffer): Generator<string> {
  let offset = 4;
  while (offset < entry.length) {
    const end = offset + keyLengthBytes + entry.readUInt16LE(offset);
    yield entry.toString('utf8', offset + keyLengthBytes, end);
    offset = end;
  }
}
