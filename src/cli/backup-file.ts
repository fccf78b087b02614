/** The file of a backup: written whole or not at all, and never over another. */
import { createReadStream } from 'node:fs';
import { link, open, stat, unlink } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { dirname } from 'node:path';
import { CommandError, codeOf } from './exit-codes.ts';
import { reasonOf } from './files.ts';
import type { OutputStream } from './terminal.ts';

/**
 * Keeps what it is given under a name that is not taken, readable by the user only, on disk when it settles. Until then
 * it has another name, and is removed again when something fails or the process is told to stop.
 * @throws CommandError `usage`: there is such a file, or it cannot be written
 */
export async function writeBackupFile(path: string, bytes: AsyncIterable<Uint8Array>): Promise<void> {
  const draft = `${path}.partial-${randomBytes(6).toString('hex')}`;
  try {
    await refuseTaken(path);
    await writeDraft(draft, bytes);
    // Unlike a rename, this fails where the name has been taken meanwhile.
    await link(draft, path);
    await syncFolder(dirname(path));
  } catch (error) {
    if (codeOf(error) === 'EEXIST') throw taken(path);
    if (!isOfSystem(error)) throw error;
    throw new CommandError('usage', `cannot write ${path}: ${reasonOf(error)}`, error);
  } finally {
    await unlink(draft).catch(() => undefined);
  }
}

async function writeDraft(draft: string, bytes: AsyncIterable<Uint8Array>): Promise<void> {
  const file = await open(draft, 'wx', 0o600);
  try {
    for await (const piece of untilStopped(bytes)) await file.writeFile(piece);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** @throws CommandError `interrupted`: SIGINT or SIGTERM came in */
async function* untilStopped(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const stopping = new AbortController();
  const stop = (): void => {
    stopping.abort();
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  try {
    for await (const piece of bytes) {
      if (stopping.signal.aborted) throw new CommandError('interrupted', 'interrupted; no file was made');
      yield piece;
    }
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}

/** Writes to standard output, no faster than it is taken. @throws CommandError `usage`: it cannot be written */
export async function writeBackupTo(output: OutputStream, bytes: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const piece of bytes) {
    await new Promise<void>((resolve, reject) => {
      output.write(piece, (error) => {
        if (error === null || error === undefined) resolve();
        else reject(new CommandError('usage', `cannot write the backup: ${reasonOf(error)}`, error));
      });
    });
  }
}

/**
 * Reads a backup, piece by piece.
 * @throws CommandError `usage`: it cannot be read
 */
export async function* readBackupFile(path: string): AsyncGenerator<Uint8Array> {
  try {
    if (!(await stat(path)).isFile()) throw new CommandError('usage', `${path} is not a file`);
    yield* createReadStream(path, { highWaterMark: pieceBytes }) as AsyncIterable<Uint8Array>;
  } catch (error) {
    if (!isOfSystem(error)) throw error;
    throw new CommandError('usage', `cannot read ${path}: ${reasonOf(error)}`, error);
  }
}

const pieceBytes = 256 * 1024;

async function refuseTaken(path: string): Promise<void> {
  const found = await stat(path).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (found !== undefined) throw taken(path);
}

function taken(path: string): CommandError {
  return new CommandError('usage', `${path} exists already; a backup never replaces a file`);
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function isOfSystem(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}
