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
import { performance } from 'node:perf_hooks';
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
  /** Seals, until another is asked to, and opens: 32 bytes, which the caller may overwrite afterwards. */
  readonly dataKey: Uint8Array;
  /** The others, which only open until they are asked to seal. */
  readonly otherKeys?: readonly Uint8Array[];
  /** Reads all keys anew; throws, or answers undefined, where they cannot be read. By default they never change. */
  readonly reload?: () => readonly Uint8Array[] | undefined;
}

/** The least time between two looks for a key that is not there. */
const msBetweenReloads = 1_000;

interface DataKey {
  readonly id: string;
  readonly key: KeyObject;
  /** Version and key id, with which every value that it sealed begins. */
  readonly prefix: Buffer;
}

/** @throws LatchkeyError `DATA_KEY_INVALID`: a key is not 32 bytes */
export function openKeyring({ dataKey, otherKeys = [], reload }: KeyringOptions): Keyring {
  return new AesGcmKeyring([dataKey, ...otherKeys].map(toDataKey), toDataKey(dataKey), reload);
}

/** The id of a data key. @throws LatchkeyError `DATA_KEY_INVALID`: it is not 32 bytes */
export function dataKeyId(dataKey: Uint8Array): string {
  return toDataKey(dataKey).id;
}

class AesGcmKeyring implements Keyring {
  #current: DataKey;
  #keys: ReadonlyMap<string, DataKey>;
  readonly #reload: KeyringOptions['reload'];
  #reloadedAt = -Infinity;
  readonly #ivs = new IvPool();

  constructor(keys: readonly DataKey[], current: DataKey, reload: KeyringOptions['reload']) {
    this.#current = current;
    this.#keys = byId(keys);
    this.#reload = reload;
  }

  get keyId(): string {
    return this.#current.id;
  }

  get keyIds(): readonly string[] {
    return [...this.#keys.keys()];
  }

  sealUnder(keyId: string): boolean {
    const key = this.#keys.get(keyId);
    if (key !== undefined) this.#current = key;
    return key !== undefined;
  }

  refresh(): void {
    let keys: readonly DataKey[] | undefined;
    try {
      keys = this.#reload?.()?.map(toDataKey);
    } catch {
      // Half written, out of reach: what is at hand serves on, and the next look may be luckier.
    }
    if (keys === undefined || keys.length === 0) return;
    const listed = keys.some(({ id }) => id === this.#current.id);
    this.#keys = byId(listed ? keys : [...keys, this.#current]);
  }

  sealedUnder(value: Uint8Array): string | undefined {
    if (value.length < ciphertextStart || value[0] !== formatVersion) return undefined;
    return Buffer.from(value.buffer, value.byteOffset, ivStart).toString('hex', 1);
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
    const key = this.#keys.get(id) ?? this.#lookAgainFor(id);
    if (key === undefined)
      throw new LatchkeyError('DATA_KEY_UNKNOWN', { detail: `sealed under data key ${id}` });
    return key;
  }

  #lookAgainFor(id: string): DataKey | undefined {
    const now = performance.now();
    if (now - this.#reloadedAt < msBetweenReloads) return undefined;
    this.#reloadedAt = now;
    this.refresh();
    return this.#keys.get(id);
  }
}

function byId(keys: readonly DataKey[]): ReadonlyMap<string, DataKey> {
  return new Map(keys.map((key) => [key.id, key]));
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
