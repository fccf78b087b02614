/** The file of data keys that the service was started with, for who adds and removes keys. */
export interface DataKeyFile {
  /** Where it is. */
  readonly path: string;

  /** The ids of the keys in it, in their order. @throws LatchkeyError `SETTING_INVALID`, `DATA_KEY_INVALID` */
  keyIds(): readonly string[];

  /**
   * Adds a new random key at the end, on disk when this settles.
   * @returns its id
   * @throws LatchkeyError `SETTING_INVALID`: the file cannot be written, or holds as many keys as may be
   */
  add(): Promise<string>;

  /**
   * Removes keys, on disk when this settles; owner and mode stay. The last key is never removed. What is removed
   * is kept beside the file, under its name with `.retired`: old backups open with nothing else.
   * @throws LatchkeyError `SETTING_INVALID`: the file cannot be written, or no key would be left
   */
  remove(keyIds: readonly string[]): Promise<void>;
}
