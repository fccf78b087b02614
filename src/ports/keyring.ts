/**
 * The keyring port: sealing of what must not be readable in the store (authenticated
 * encryption under a data key that is never stored).
 *
 * A keyring holds one or more data keys. One of them seals, all of them open; each sealed value says under
 * which it was sealed. The store names the one that seals (see `bindDataKey`), so that all processes change
 * to another one together, and only once each of them holds it.
 */
export interface Keyring {
  /** The id of the data key that seals now: safe to show, says nothing about the key. */
  readonly keyId: string;

  /** The ids of all its data keys, in the order in which they were given. */
  readonly keyIds: readonly string[];

  /**
   * Seals under another of its keys from now on.
   * @returns false when it holds no key of that id; it then goes on as before
   */
  sealUnder(keyId: string): boolean;

  /**
   * Reads the keys anew where they came from. Those that are gone there are given up, except for the one
   * that seals. Where they cannot be read, or come from nowhere that can be read again, nothing changes.
   */
  refresh(): void;

  /** The id of the data key that a value says it was sealed under; undefined for what is no sealed value. */
  sealedUnder(value: Uint8Array): string | undefined;

  /**
   * Encrypts. Two calls never give the same bytes.
   * @param associatedData names the record (full id, version, purpose); the same text is needed to open
   */
  seal(plaintext: Uint8Array, associatedData: string): Uint8Array;

  /**
   * Decrypts what {@link seal} made. For a key that it does not hold it looks once more where its keys came
   * from, at most once a second: another process may have begun to seal under a new one.
   * @throws LatchkeyError `DATA_KEY_UNKNOWN`: sealed under a key that this keyring does not hold
   * @throws LatchkeyError `SEALED_VALUE_INVALID`: altered, cut short, or sealed for another record
   */
  open(sealed: Uint8Array, associatedData: string): Uint8Array;
}
