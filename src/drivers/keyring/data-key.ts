/** Where the data key comes from: the environment, or a file that only its owner can read. */
import { randomBytes } from 'node:crypto';
import { link, open, unlink, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { LatchkeyError } from '../../domain/errors.ts';
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

const maxFileBytes = 1_024;
const groupAndOthers = 0o077;
const ownerOnly = 0o600;

/**
 * Reads the data key: 32 bytes in standard base64 with its padding, 44 characters, as
 * `openssl rand -base64 32` and Conjur's `data-key generate` print it. One line end after it in a
 * file is ignored.
 *
 * Processes that start at the same time on no file agree on the key of one of them.
 *
 * @throws LatchkeyError `DATA_KEY_INVALID`: the text is anything else; it is never repeated
 * @throws LatchkeyError `SETTING_INVALID`: there is no key, or the file cannot be read or made,
 *   or others than its owner may open it
 */
export async function loadDataKey({ environmentValue, file, mayCreate }: DataKeySource): Promise<Uint8Array> {
  if (environmentValue !== undefined && environmentValue !== '') {
    return parse(environmentValue, 'the environment');
  }
  if (file === undefined) throw invalid('no data key is given, and no file for it');
  const found = await read(file);
  if (found !== undefined) return found;
  if (!mayCreate) {
    throw invalid(
      `the data key file ${file} does not exist, and a new key is made only for a new store on this machine; ` +
        'restore the file, or set LATCHKEY_DATA_KEY',
    );
  }
  await create(file);
  const made = await read(file);
  if (made === undefined) throw invalid(`the data key file ${file} is gone again`);
  return made;
}

/** @returns undefined when the file does not exist */
async function read(file: string): Promise<Uint8Array | undefined> {
  return withFile(file, 'r', undefined, async (handle) => {
    // Asked of what is open, so that nothing else can take its place in between.
    const status = await handle.stat();
    if (!status.isFile()) throw invalid(`the data key file ${file} is not a file`);
    if ((status.mode & groupAndOthers) !== 0) {
      throw invalid(`the data key file ${file} is open to others than its owner; run: chmod 600 ${file}`);
    }
    if (status.size > maxFileBytes) throw malformed(file);
    const text = await handle.readFile('utf8');
    return parse(text.replace(/\r?\n$/, ''), file);
  });
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
): Promise<T | undefined> {
  let handle: FileHandle;
  try {
    handle = await open(path, flags, mode);
  } catch (error) {
    if (flags === 'r' && codeOf(error) === 'ENOENT') return undefined;
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

function parse(text: string, origin: string): Uint8Array {
  const key = Buffer.from(text, 'base64');
  if (key.length !== dataKeyBytes || key.toString('base64') !== text) throw malformed(origin);
  return key;
}

function malformed(origin: string): LatchkeyError {
  return new LatchkeyError('DATA_KEY_INVALID', {
    detail: `the data key in ${origin} must be 32 bytes in base64 (44 characters); openssl rand -base64 32 makes one`,
  });
}

function cannotUse(path: string, cause: unknown): LatchkeyError {
  return new LatchkeyError('SETTING_INVALID', {
    detail: `the data key file ${path} cannot be used: ${codeOf(cause) ?? 'unknown reason'}`,
    cause,
  });
}

function invalid(detail: string): LatchkeyError {
  return new LatchkeyError('SETTING_INVALID', { detail });
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
