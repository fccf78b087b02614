/**
 * How a record is addressed in the environment: account, NUL, record key, in UTF-8. LMDB
 * bounds its keys, so what is longer is addressed by collection and SHA-256; the whole key is
 * then kept beside the value.
 */
import { createHash } from 'node:crypto';
import type { Account } from '../../domain/ids.ts';
import { isWellFormed } from '../store-limits.ts';

/** A key as LMDB orders it: text, or bytes where the key is hashed. */
export type Address = string | Buffer;

/** LMDB takes up to 1,978 bytes; short keys keep many entries on a page. */
const maxPlainBytes = 1_024;
const maxBytesPerCodeUnit = 3;
const maxSurelyPlain = Math.floor(maxPlainBytes / maxBytesPerCodeUnit);

/** Never part of UTF-8, so that no plain key looks like a hashed one. */
const hashMark = 0xff;

/** The address of a record. */
export function recordAddress(account: Account, key: string): Address {
  const address = `${account}\0${key}`;
  if (address.length <= maxSurelyPlain || Buffer.byteLength(address) <= maxPlainBytes) return address;
  return hashedAddress(account, key);
}

function hashedAddress(account: Account, key: string): Buffer {
  const collection = key.slice(0, key.indexOf('\t') + 1);
  return Buffer.concat([
    Buffer.from(`${account}\0${collection}`),
    Buffer.of(hashMark),
    createHash('sha256').update(key).digest(),
  ]);
}

/** Where the records of a collection begin and end. */
export function collectionRange(
  account: Account,
  collection: string,
): { readonly start: string; readonly end: string } {
  return { start: `${account}\0${collection}\t`, end: `${account}\0${collection}\n` };
}

/** Where everything that is addressed in an account begins and ends. */
export function accountRange(account: Account): { readonly start: string; readonly end: string } {
  return { start: `${account}\0`, end: `${account}\x01` };
}

/** The record key of a plain address, given the account that it is in. */
export function keyOfAddress(account: Account, address: string): string {
  return address.slice(account.length + 1);
}

/** UTF-8 would turn a lone surrogate into U+FFFD, another record's key; the mark alone is nobody's. */
function writeUnicode(address: string, target: Buffer, start: number): number {
  if (isWellFormed(address)) return start + target.write(address, start, 'utf8');
  target[start] = hashMark;
  return start + 1;
}

/** Puts an address into LMDB's buffer and takes it out again. */
export const addressEncoder = {
  writeKey(address: Address, target: Buffer, start: number): number {
    if (typeof address !== 'string') return start + address.copy(target, start);
    for (let index = 0; index < address.length; index += 1) {
      const unit = address.charCodeAt(index);
      if (unit > 0x7f) return writeUnicode(address, target, start);
      target[start + index] = unit;
    }
    return start + address.length;
  },

  readKey(source: Buffer, start: number, end: number): Address {
    if (end - start > 33 && source[end - 33] === hashMark) return Buffer.from(source.subarray(start, end));
    return source.toString('utf8', start, end);
  },
};
