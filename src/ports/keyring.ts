/**
 * The keyring port: sealing of what must not be readable in the store (authenticated
 * encryption under a data key that is never stored).
 */
export interface Keyring {
  /** The id of the data key that seals now: safe to show, says nothing about the key. */
  readonly keyId: string;

  /**
   * Encrypts. Two calls never give the same bytes.
   * @param associatedData names the record (full id, version, purpose); the same text is needed to open
   */
  seal(plaintext: Uint8Array, associatedData: string): Uint8Array;

  /**
   * Decrypts what {@link seal} made.
   * @throws LatchkeyError `DATA_KEY_UNKNOWN`: sealed under a key that this keyring does not hold
   * @throws LatchkeyError `SEALED_VALUE_INVALID`: altered, cut short, or sealed for another record
   */
  open(sealed: Uint8Array, associatedData: string): Uint8Array;
}
