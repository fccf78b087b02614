/** The bytes that the scripts and this side agree on. */
import { LatchkeyError } from '../../domain/errors.ts';
import type { Epoch } from '../../ports/epoch.ts';
import type { Change, StoredRecord } from '../../ports/store.ts';

/** The epoch of an account that has not been made. */
export const noEpoch: Epoch = { lineage: '', counter: 0 };

const lineageLength = 32;
const removedLineage = Buffer.alloc(lineageLength, '0');
const counterAt = 72;
const revisionAt = 80;
const revisionBytes = 8;

const stateBytes = 104;

/** Whether a commit script answered with a state, as it does when it committed. */
export function isState(answer: Buffer): boolean {
  return answer.length === stateBytes;
}

export function decodeEpoch(state: Buffer): Epoch {
  if (isRemoved(state)) return noEpoch;
  return { lineage: state.toString('latin1', 0, lineageLength), counter: state.readDoubleBE(counterAt) };
}

/** Whether a state, or its beginning, is that of an account that was removed. */
export function isRemoved(state: Buffer): boolean {
  return state.compare(removedLineage, 0, lineageLength, 0, lineageLength) === 0;
}

export function decodeRevision(state: Buffer): number {
  return state.readDoubleBE(revisionAt);
}

/** Recognises the epoch that was decoded last, so that a read seldom makes a new one. */
export class EpochCache {
  #state = Buffer.alloc(0);
  #epoch = noEpoch;

  /** The epoch in an account's state. */
  of(state: Buffer): Epoch {
    const same = this.#state.length > 0 && this.#state.compare(state, 0, revisionAt, 0, revisionAt) === 0;
    if (same) return this.#epoch;
    this.#state = Buffer.from(state);
    this.#epoch = decodeEpoch(state);
    return this.#epoch;
  }
}

/** What a commit script compares with: any epoch, no account, or a lineage, with or without counter. */
export function encodeExpectation(epoch: Epoch | undefined, lineage?: string): string | Buffer {
  if (epoch === undefined) return lineage === noEpoch.lineage ? 'none' : (lineage ?? '');
  return lineage === undefined || lineage === epoch.lineage ? encodeExpectedEpoch(epoch) : 'never';
}

/** Lineage and counter as the scripts compare them. */
export function encodeExpectedEpoch(epoch: Epoch): string | Buffer {
  if (epoch.lineage === noEpoch.lineage) return epoch.counter === noEpoch.counter ? 'none' : 'never';
  return Buffer.concat([Buffer.from(epoch.lineage), encodeDouble(epoch.counter)]);
}

/** A revision as a commit script compares it; empty for a record that must not be there. */
export function encodeExpectedRevision(revision: number): string | Buffer {
  return revision === 0 ? '' : encodeDouble(revision);
}

function encodeDouble(number: number): Buffer {
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeDoubleBE(number);
  return bytes;
}

/** A stored value: the revision, then the bytes. */
export function decodeRecord(stored: Buffer): StoredRecord {
  return { value: stored.subarray(revisionBytes), revision: stored.readDoubleBE(0) };
}

/** An entry of the change log: how many keys, then each with its length. */
export function encodeLogEntry(changes: readonly Change[]): Buffer {
  let size = 4;
  for (const { key } of changes) size += 2 + Buffer.byteLength(key);
  const bytes = Buffer.allocUnsafe(size);
  let offset = bytes.writeUInt32BE(changes.length, 0);
  for (const { key } of changes) {
    const written = bytes.write(key, offset + 2);
    bytes.writeUInt16BE(written, offset);
    offset += 2 + written;
  }
  return bytes;
}

/** @throws LatchkeyError `INTERNAL`: a script answered what it never answers */
export function asBuffer(reply: unknown): Buffer {
  if (!Buffer.isBuffer(reply)) throw strangeReply();
  return reply;
}

/** @throws LatchkeyError `INTERNAL`: a script answered what it never answers */
export function asList(reply: unknown): readonly unknown[] {
  if (!Array.isArray(reply)) throw strangeReply();
  return reply;
}

/** @throws LatchkeyError `INTERNAL`: a script answered what it never answers */
export function asNumber(reply: unknown): number {
  if (typeof reply !== 'number') throw strangeReply();
  return reply;
}

function strangeReply(): LatchkeyError {
  return new LatchkeyError('INTERNAL', { detail: 'Redis answered a command in an unknown form' });
}
