/** Where the data keys come from: the environment, or a file that only its owner can read. */
import { randomBytes } from 'node:crypto';
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { link, open, unlink, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { LatchkeyError } from '../../domain/errors.ts';
import { openToOthers, openToOthersText } from '../../private-file.ts';
import { dataKeyBytes } from './keyring.ts';

export interface DataKeySource {
  /** Wins over the file; empty counts as absent. */
  readonly environmentValue?: string | undefined;
  readonly file?: string | undefined;
  /**
   * Whether a missing file is made, with a new key. Never where values may already be sealed:
   * a new key would hide that the old one is lost.
   */
  readonly mayCreate: boolean;
}

/** How many keys a file, or the environment, may hold. */
export const maxKeys = 16;
const maxFileBytes = 1_024;
const ownerOnly = 0o600;
const separator = /\r?\n| /;

/**
 * Reads the data keys: each 32 bytes in standard base64 with its padding, 44 characters, as
 * `openssl rand -base64 32` and Conjur's `data-key generate` print it; up to 16, one a line, or in the
 * environment also separated by a blank. One line end after the last one in a file is ignored. A key
 * that is there twice counts once.
 *
 * Processes that start at the same time on no file agree on the key of one of them.
 *
 * @returns at least one. All of them open; the store says which one seals, the first where it is new.
 * @throws LatchkeyError `DATA_KEY_INVALID`: the text is anything else; it is never repeated
 * @throws LatchkeyError `SETTING_INVALID`: there is no key, or the file cannot be read or made,
 *   or others than its owner may open it
 */
export async function loadDataKeys(source: DataKeySource): Promise<readonly Uint8Array[]> {
  const { environmentValue, file, mayCreate } = source;
  if (environmentValue !== undefined && environmentValue !== '') {
    return parse(environmentValue, 'the environment');
  }
  if (file === undefined) throw invalid('no data key is given, and no file for it');
  const found = readDataKeyFile(file);
  if (found !== undefined) return found;
  if (!mayCreate) {
    throw invalid(
      `the data key file ${file} does not exist, and a new key is made only for a new store on this machine; ` +
        'restore the file, or set LATCHKEY_DATA_KEY',
    );
  }
  await create(file);
  const made = readDataKeyFile(file);
  if (made === undefined) throw invalid(`the data key file ${file} is gone again`);
  return made;
}

/**
 * Reads the keys of a file, without a turn of the event loop in between: a value that is sealed under a
 * key that was added meanwhile cannot wait.
 * @returns undefined when the file does not exist
 * @throws LatchkeyError as {@link loadDataKeys}
 */
export function readDataKeyFile(file: string): readonly Uint8Array[] | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(file, 'r');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw cannotUse(file, error);
  }
  try {
    // Asked of what is open, so that nothing else can take its place in between.
    const status = fstatSync(descriptor);
    if (!status.isFile()) throw invalid(`the data key file ${file} is not a file`);
    if (openToOthers(status, file)) throw invalid(`the data key file ${openToOthersText(file)}`);
    if (status.size > maxFileBytes) throw malformed(file);
    return parse(readFileSync(descriptor, 'utf8').replace(/\r?\n$/, ''), file);
  } catch (error) {
    throw error instanceof LatchkeyError ? error : cannotUse(file, error);
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Makes the file, whole and on disk before it has its name. One that is there by then stays as
 * it is: it is another process's.
 */
async function create(file: string): Promise<void> {
  const draft = `${file}.${randomBytes(8).toString('hex')}`;
  try {
    await withFile(draft, 'wx', ownerOnly, async (handle) => {
      await handle.writeFile(`${randomBytes(dataKeyBytes).toString('base64')}\n`);
      await handle.sync();
    });
    await link(draft, file).catch((error: unknown) => {
      if (codeOf(error) !== 'EEXIST') throw cannotUse(file, error);
    });
    await withFile(dirname(file), 'r', undefined, (folder) => folder.sync());
  } finally {
    await unlink(draft).catch(() => undefined);
  }
}

async function withFile<T>(
  path: string,
  flags: 'r' | 'wx',
  mode: number | undefined,
  use: (handle: FileHandle) => Promise<T>,
): Promise<T> {
  let handle: FileHandle;
  try {
    handle = await open(path, flags, mode);
  } catch (error) {
    throw cannotUse(path, error);
  }
  try {
    return await use(handle);
  } catch (error) {
    throw error instanceof LatchkeyError ? error : cannotUse(path, error);
  } finally {
    await handle.close();
  }
}

function parse(text: string, origin: string): readonly Uint8Array[] {
  const texts = [...new Set(text.split(separator))];
  if (texts.length > maxKeys) throw malformed(origin);
  return texts.map((each) => {
    const key = Buffer.from(each, 'base64');
    if (key.length !== dataKeyBytes || key.toString('base64') !== each) throw malformed(origin);
    return key;
  });
}

function malformed(origin: string): LatchkeyError {
  return new LatchkeyError('DATA_KEY_INVALID', {
    detail: `the data key in ${origin} must be 32 bytes in base64 (44 characters), or several such, one a line; openssl rand -base64 32 makes one`,
  });
}

/** A data key file that the system does not let be used. */
export function cannotUse(path: string, cause: unknown): LatchkeyError {
  return new LatchkeyError('SETTING_INVALID', {
    detail: `the data key file ${path} cannot be used: ${codeOf(cause) ?? 'unknown reason'}`,
    cause,
  });
}

function invalid(detail: string): LatchkeyError {
  return new LatchkeyError('SETTING_INVALID', { detail });
}

export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
