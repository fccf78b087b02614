/** Opens the LMDB environment of a directory and says in plain words why it cannot be used. */
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readSync,
  statSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { open, type Database, type RootDatabase } from 'lmdb';
import { LatchkeyError } from '../../domain/errors.ts';
import { Gathering } from './gathering.ts';
import { addressEncoder, type Address } from './keys.ts';

export type Table = Database<Buffer, Address>;

/** The environment: one file of records for all accounts. */
export interface Environment {
  readonly directory: string;
  readonly root: RootDatabase<Buffer, Address>;
  readonly accounts: Table;
  readonly records: Table;
  readonly changeLog: Table;
  /** What lives for a while, its expiry times and its groups: see `ephemeral-entries.ts`. */
  readonly ephemeral: Table;
  readonly ephemeralExpiry: Table;
  readonly ephemeralGroups: Table;
  readonly gathering: Gathering;
  /** The data file, to notice when it is no longer the one in the directory. */
  readonly dataFile: { readonly path: string; readonly inode: number };
}

const fileMode = 0o600;
const directoryMode = 0o700;
const dataFileName = 'data.mdb';
/** MDB_MAGIC, after the header of the first page. */
const magic = Buffer.from('dec0efbe', 'hex');
const magicAt = 24;
const formatKey = 'latchkey:format';
const format = '1';

/** Each process takes one slot and one more per catch-up that is under way. */
const maxReaders = 512;

/**
 * Opens the environment, making directory and files where there are none.
 * @throws LatchkeyError `STORE_REFUSED`: the directory or what is in it cannot be used
 */
export function openEnvironment(directory: string): Environment {
  const path = resolve(directory);
  prepareDirectory(path);
  checkDataFile(path);
  try {
    return openTables(path);
  } catch (error) {
    if (error instanceof LatchkeyError) throw error;
    throw refused(`${path} does not hold a store that can be opened: ${reasonOf(error)}`, error);
  }
}

function prepareDirectory(path: string): void {
  try {
    makeDirectory(path);
    for (const name of [dataFileName, 'lock.mdb']) {
      const file = join(path, name);
      // Closing any descriptor of the lock file would end the locks by which other processes see that
      // this one lives (POSIX fcntl), so a file that is there is never opened here.
      if (existsSync(file)) accessSync(file, constants.R_OK | constants.W_OK);
      else closeSync(openSync(file, constants.O_RDWR | constants.O_CREAT, fileMode));
    }
    syncDirectory(path);
  } catch (error) {
    throw refused(
      `the store's directory ${path} cannot be used: ${reasonOf(error)}; ` +
        'name a directory that this user may create and write',
      error,
    );
  }
}

/** Not by `recursive`, which never returns where the system refuses with ENOENT, as below /proc. */
function makeDirectory(path: string): void {
  try {
    mkdirSync(path, directoryMode);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && statSync(path).isDirectory()) return;
    if (code !== 'ENOENT' || dirname(path) === path) throw error;
    makeDirectory(dirname(path));
    mkdirSync(path, directoryMode);
  }
  syncDirectory(dirname(path));
}

/** So that files just made are still there after a power failure. */
function syncDirectory(path: string): void {
  const directory = openSync(path, constants.O_RDONLY);
  fsyncSync(directory);
  closeSync(directory);
}

/** LMDB does not survive a file that is none of its own. */
function checkDataFile(path: string): void {
  const file = openSync(join(path, dataFileName), constants.O_RDONLY);
  const head = Buffer.alloc(magicAt + magic.length);
  const size = readSync(file, head, 0, head.length, 0);
  closeSync(file);
  if (size > 0 && !head.subarray(magicAt).equals(magic)) {
    throw refused(
      `${join(path, dataFileName)} is not the data file of a store; restore it or name another directory`,
    );
  }
}

function openTables(path: string): Environment {
  const coding = { encoding: 'binary', keyEncoder: addressEncoder } as const;
  const root = open<Buffer, Address>({
    ...coding,
    path,
    noSubdir: false,
    maxDbs: 8,
    maxReaders,
    // With overlapping syncs a commit is seen before it is durable, and a failed sync is told to nobody.
    overlappingSync: false,
    // Its batches hold a promise that nobody can reach: a failed write would end the process.
    eventTurnBatching: false,
  });
  const table = (name: string): Table => root.openDB<Buffer, Address>({ ...coding, name });
  const dataPath = join(path, dataFileName);
  const environment: Environment = {
    directory: path,
    root,
    accounts: table('accounts'),
    records: table('records'),
    changeLog: table('change-log'),
    ephemeral: table('ephemeral'),
    ephemeralExpiry: table('ephemeral-expiry'),
    ephemeralGroups: table('ephemeral-groups'),
    gathering: new Gathering(),
    dataFile: { path: dataPath, inode: statSync(dataPath).ino },
  };
  checkFormat(root, path);
  return environment;
}

/** A later release may store differently; this one must not read it wrong. */
function checkFormat(root: RootDatabase<Buffer, Address>, path: string): void {
  const found = root.get(formatKey)?.toString();
  if (found === undefined) root.putSync(formatKey, Buffer.from(format));
  else if (found !== format) {
    throw refused(`${path} was written in format ${found}; this release reads format ${format}`);
  }
}

function refused(detail: string, cause?: unknown): LatchkeyError {
  return new LatchkeyError('STORE_REFUSED', { detail, cause });
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
