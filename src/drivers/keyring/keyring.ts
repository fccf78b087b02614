/**
 * AES-256-GCM (NIST SP 800-38D) under data keys that this process holds in memory.
 *
 * A sealed value: version (1 byte), key id (8), IV (12), tag (16), ciphertext. What is
 * authenticated beside the ciphertext: version, key id, length of the associated data in bytes
 * (u32), the associated data in UTF-16LE, which unlike UTF-8 tells any two strings apart.
 *
 * IVs are random, so one data key is good for 2^32 values (section 8.3).
 */
import { createCipheriv, createDecipheriv, createHash, createSecretKey, type KeyObject } from 'node:crypto';
import { LatchkeyError } from '../../domain/errors.ts';
import type { Keyring } from '../../ports/keyring.ts';
import { ivBytes, IvPool } from './iv-pool.ts';

/** The size of a data key. */
export const dataKeyBytes = 32;

const algorithm = 'aes-256-gcm';
const formatVersion = 1;
const keyIdBytes = 8;
const tagBytes = 16;
const ivStart = 1 + keyIdBytes;
const tagStart = ivStart + ivBytes;
const ciphertextStart = tagStart + tagBytes;
const keyIdLabel = 'latchkey data key id 1\n';

export interface KeyringOptions {
  /** Seals and opens: 32 bytes, which the caller may overwrite afterwards. */
  readonly dataKey: Uint8Array;
  /** Only open, what was sealed before the data key was replaced. */
  readonly previousKeys?: readonly Uint8Array[];
}

interface DataKey {
  readonly id: string;
  readonly key: KeyObject;
  /** Version and key id, with which every value that it sealed begins. */
  readonly prefix: Buffer;
}

/** @throws LatchkeyError `DATA_KEY_INVALID`: a key is not 32 bytes */
export function openKeyring({ dataKey, previousKeys = [] }: KeyringOptions): Keyring {
  return new AesGcmKeyring(toDataKey(dataKey), previousKeys.map(toDataKey));
}

class AesGcmKeyring implements Keyring {
  readonly keyId: string;
  readonly #current: DataKey;
  readonly #keys: ReadonlyMap<string, DataKey>;
  readonly #ivs = new IvPool();

  constructor(current: DataKey, previous: readonly DataKey[]) {
    this.keyId = current.id;
    this.#current = current;
    this.#keys = new Map([...previous, current].map((key) => [key.id, key]));
  }

  seal(plaintext: Uint8Array, associatedData: string): Uint8Array {
    const { key, prefix } = this.#current;
    const iv = this.#ivs.next();
    const cipher = createCipheriv(algorithm, key, iv, { authTagLength: tagBytes });
    cipher.setAAD(authenticated(prefix, associatedData));
    const ciphertext = cipher.update(plaintext);
    cipher.final();
    const sealed = Buffer.allocUnsafe(ciphertextStart + ciphertext.length);
    sealed.set(prefix, 0);
    sealed.set(iv, ivStart);
    sealed.set(cipher.getAuthTag(), tagStart);
    sealed.set(ciphertext, ciphertextStart);
    return sealed;
  }

  open(sealed: Uint8Array, associatedData: string): Uint8Array {
    const { key, prefix } = this.#keyOf(sealed);
    const decipher = createDecipheriv(algorithm, key, sealed.subarray(ivStart, tagStart), {
      authTagLength: tagBytes,
    });
    decipher.setAAD(authenticated(prefix, associatedData));
    decipher.setAuthTag(sealed.subarray(tagStart, ciphertextStart));
    const plaintext = decipher.update(sealed.subarray(ciphertextStart));
    try {
      decipher.final();
    } catch (cause) {
      throw new LatchkeyError('SEALED_VALUE_INVALID', { cause });
    }
    return plaintext;
  }

  /** The key that the value says it was sealed under; almost always the current one. */
  #keyOf(sealed: Uint8Array): DataKey {
    if (sealed.length < ciphertextStart || sealed[0] !== formatVersion) {
      throw new LatchkeyError('SEALED_VALUE_INVALID');
    }
    const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, ivStart);
    if (bytes.equals(this.#current.prefix)) return this.#current;
    const id = bytes.toString('hex', 1);
    const key = this.#keys.get(id);
    if (key === undefined)
      throw new LatchkeyError('DATA_KEY_UNKNOWN', { detail: `sealed under data key ${id}` });
    return key;
  }
}

function toDataKey(bytes: Uint8Array): DataKey {
  if (bytes.length !== dataKeyBytes) throw new LatchkeyError('DATA_KEY_INVALID');
  const digest = createHash('sha256').update(keyIdLabel).update(bytes).digest();
  const id = digest.subarray(0, keyIdBytes);
  return {
    id: id.toString('hex'),
    key: createSecretKey(bytes),
    prefix: Buffer.concat([Buffer.of(formatVersion), id]),
  };
}

function authenticated(prefix: Buffer, associatedData: string): Buffer {
  const lengthStart = prefix.length;
  const bytes = Buffer.allocUnsafe(lengthStart + 4 + associatedData.length * 2);
  bytes.set(prefix, 0);
  bytes.writeUInt32BE(associatedData.length * 2, lengthStart);
  bytes.write(associatedData, lengthStart + 4, 'utf16le');
  return bytes;
}
