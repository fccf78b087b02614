/**
 * The frames that the contents of a backup are cut into: length of what follows in bytes (u32, big
 * endian, as all numbers), kind (u8), then JSON in UTF-8, or, in a frame of records, for each
 * record the length of its key in bytes (u16), the key in UTF-8, the length of its value (u32), the value.
 */
import { LatchkeyError } from '../errors.ts';
import { storedRecordKey } from '../ids.ts';
import type { TransferredRecord } from '../../ports/store-transfer.ts';
import { textOf } from '../utf8.ts';

export const frameKinds = { head: 1, account: 2, records: 3, accountEnd: 4, end: 5 } as const;

const lengthBytes = 4;
const kindAt = lengthBytes;
const bodyAt = kindAt + 1;
const keyLengthBytes = 2;
const valueLengthBytes = 4;
/** A frame of records is ended at this size. */
const targetBytes = 1024 * 1024;
/** The largest record of a store by itself exceeds no frame. */
const maxFrameBytes = 17 * 1024 * 1024;

/** A frame as it was read; the body is valid for as long as nobody reads on. */
export interface Frame {
  readonly kind: number;
  readonly body: Buffer;
}

export function jsonFrame(kind: number, value: unknown): Uint8Array {
  const body = Buffer.from(JSON.stringify(value));
  const frame = Buffer.allocUnsafe(bodyAt + body.length);
  frame.writeUInt32BE(1 + body.length, 0);
  frame[kindAt] = kind;
  frame.set(body, bodyAt);
  return frame;
}

/** As many frames as the records take. */
export function* recordFrames(records: readonly TransferredRecord[]): Generator<Uint8Array> {
  let start = 0;
  let bytes = 0;
  for (const [index, record] of records.entries()) {
    const size = sizeOf(record);
    if (index > start && bytes + size > targetBytes) {
      yield recordFrame(records.slice(start, index), bytes);
      start = index;
      bytes = 0;
    }
    bytes += size;
  }
  if (start < records.length) yield recordFrame(records.slice(start), bytes);
}

function sizeOf({ key, value }: TransferredRecord): number {
  return keyLengthBytes + Buffer.byteLength(key) + valueLengthBytes + value.byteLength;
}

function recordFrame(records: readonly TransferredRecord[], bytes: number): Uint8Array {
  const frame = Buffer.allocUnsafe(bodyAt + bytes);
  frame.writeUInt32BE(1 + bytes, 0);
  frame[kindAt] = frameKinds.records;
  let at = bodyAt;
  for (const { key, value } of records) {
    const keyBytes = frame.write(key, at + keyLengthBytes);
    frame.writeUInt16BE(keyBytes, at);
    at = frame.writeUInt32BE(value.byteLength, at + keyLengthBytes + keyBytes);
    frame.set(value, at);
    at += value.byteLength;
  }
  return frame;
}

/**
 * Cuts what comes in pieces into frames.
 * @throws LatchkeyError `BACKUP_INVALID`: a frame is empty, too large, or cut off
 */
export async function* readFrames(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Frame> {
  let waiting: Uint8Array[] = [];
  let available = 0;
  let needed = lengthBytes;
  for await (const piece of pieces) {
    waiting.push(piece);
    available += piece.byteLength;
    if (available < needed) continue;
    let rest = Buffer.concat(waiting);
    while (rest.length >= lengthBytes) {
      const length = rest.readUInt32BE(0);
      if (length < 1 || length > maxFrameBytes) throw unreadable('a part of it has no possible length');
      if (rest.length < lengthBytes + length) break;
      yield { kind: rest[kindAt] ?? 0, body: rest.subarray(bodyAt, lengthBytes + length) };
      rest = rest.subarray(lengthBytes + length);
    }
    needed = rest.length < lengthBytes ? lengthBytes : lengthBytes + rest.readUInt32BE(0);
    waiting = [rest];
    available = rest.length;
  }
  if (available > 0) throw unreadable('its last part is cut off');
}

/** @throws LatchkeyError `BACKUP_INVALID` */
export function jsonIn({ body }: Frame): unknown {
  try {
    return JSON.parse(textOf(body));
  } catch (error) {
    throw unreadable('a part of it is no JSON', error);
  }
}

/** The records of a frame; their values are views of it. @throws LatchkeyError `BACKUP_INVALID` */
export function recordsIn({ body }: Frame): readonly TransferredRecord[] {
  const records: TransferredRecord[] = [];
  let at = 0;
  while (at < body.length) {
    if (at + keyLengthBytes > body.length) throw cut();
    const keyAt = at + keyLengthBytes;
    const keyEnd = keyAt + body.readUInt16BE(at);
    if (keyEnd + valueLengthBytes > body.length) throw cut();
    const valueAt = keyEnd + valueLengthBytes;
    at = valueAt + body.readUInt32BE(keyEnd);
    if (at > body.length) throw cut();
    const key = storedRecordKey(body.toString('utf8', keyAt, keyEnd));
    records.push({ key, value: body.subarray(valueAt, at) });
  }
  return records;
}

function cut(): LatchkeyError {
  return unreadable('a record in it is cut off');
}

/** What is said of a file that is no backup, or is damaged. */
export function unreadable(fault: string, cause?: unknown): LatchkeyError {
  return new LatchkeyError('BACKUP_INVALID', { detail: `the backup cannot be used: ${fault}`, cause });
}
