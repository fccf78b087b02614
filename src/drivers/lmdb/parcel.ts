/** Changes packed into one piece of memory, to be handed to another thread without being copied. */
import { storedRecordKey } from '../../domain/ids.ts';
import type { Change } from '../../ports/store.ts';

const keyLengthBytes = 2;
const valueLengthBytes = 4;
const noValue = 0xffff_ffff;

/** Packs changes; the memory belongs to nothing else. */
export function pack(changes: readonly Change[]): Uint8Array<ArrayBuffer> {
  let size = 0;
  for (const { key, value } of changes) {
    size += keyLengthBytes + Buffer.byteLength(key) + valueLengthBytes + (value?.byteLength ?? 0);
  }
  const memory = new ArrayBuffer(size);
  const bytes = Buffer.from(memory);
  let offset = 0;
  for (const { key, value } of changes) {
    const written = bytes.write(key, offset + keyLengthBytes);
    bytes.writeUInt16LE(written, offset);
    offset = bytes.writeUInt32LE(value?.byteLength ?? noValue, offset + keyLengthBytes + written);
    if (value === undefined) continue;
    bytes.set(value, offset);
    offset += value.byteLength;
  }
  return new Uint8Array(memory);
}

/** The changes in order; their values are views of the packed memory. */
export function* unpack(packed: Uint8Array): Generator<Change> {
  const bytes = Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength);
  let offset = 0;
  while (offset < bytes.length) {
    const keyAt = offset + keyLengthBytes;
    const keyEnd = keyAt + bytes.readUInt16LE(offset);
    const key = storedRecordKey(bytes.toString('utf8', keyAt, keyEnd));
    const length = bytes.readUInt32LE(keyEnd);
    offset = keyEnd + valueLengthBytes;
    if (length === noValue) {
      yield { key, value: undefined };
    } else {
      yield { key, value: bytes.subarray(offset, offset + length) };
      offset += length;
    }
  }
}
