/** The files of the command line: where they are, and how they are read and written. */
import { constants } from 'node:fs';
import { mkdir, open, rename, rm, stat, writeFile } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { dirname, isAbsolute, join } from 'node:path';
import { CommandError, codeOf } from './exit-codes.ts';
import type { Terminal } from './terminal.ts';
import { maxInputBytes, readInput } from './terminal.ts';

/** `$XDG_CONFIG_HOME/latchkey`, or `~/.config/latchkey`; a relative XDG_CONFIG_HOME counts as unset. */
export function configFolder(terminal: Terminal): string {
  const base = terminal.env['XDG_CONFIG_HOME'] ?? '';
  return join(isAbsolute(base) ? base : join(terminal.home, '.config'), 'latchkey');
}

/**
 * Reads a file that the user named; `-` is standard input.
 * @throws CommandError `usage`: it cannot be read, is no file, or is too large
 */
export async function readNamedFile(terminal: Terminal, path: string): Promise<Buffer> {
  if (path === '-') return readInput(terminal);
  try {
    const { size } = await stat(path);
    if (size > maxInputBytes) throw new CommandError('usage', `${path} is over ${maxInputBytes} bytes`);
    const file = await open(path, 'r');
    try {
      return await file.readFile();
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw new CommandError('usage', `cannot read ${path}: ${reasonOf(error)}`, error);
  }
}

/**
 * Reads a file of our own.
 * @param secret whether it must belong to the user and be readable by nobody else
 * @returns undefined when there is none
 * @throws CommandError `files`: it cannot be read, or others may read it
 */
export async function readOwnFile(
  path: string,
  { secret }: { readonly secret: boolean },
): Promise<string | undefined> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, constants.O_RDONLY);
    if (secret) await refuseShared(file, path);
    return await file.readFile('utf8');
  } catch (error) {
    if (error instanceof CommandError) throw error;
    if (codeOf(error) === 'ENOENT') return undefined;
    throw new CommandError('files', `cannot read ${path}: ${reasonOf(error)}`, error);
  } finally {
    await file?.close();
  }
}

/** The open file is looked at, not its name, so that nobody can put another in its place meanwhile. */
async function refuseShared(file: FileHandle, path: string): Promise<void> {
  const { mode, uid } = await file.stat();
  if (process.getuid !== undefined && uid !== process.getuid()) {
    throw new CommandError(
      'files',
      `${path} belongs to another user; it is not used. Remove it and log in again`,
    );
  }
  if ((mode & 0o077) !== 0) {
    throw new CommandError(
      'files',
      `${path} can be read or written by other users; it is not used. Run: chmod 600 '${path}'. ` +
        `If others may have read it, rotate the API key`,
    );
  }
}

/**
 * Writes a file of our own, whole or not at all, readable by the user only.
 * @throws CommandError `files`
 */
export async function writeOwnFile(path: string, text: string): Promise<void> {
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    try {
      const file = await open(draft, 'wx', 0o600);
      try {
        await file.writeFile(text);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(draft, path);
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    }
  } catch (error) {
    throw new CommandError('files', `cannot write ${path}: ${reasonOf(error)}`, error);
  }
}

/**
 * Writes a file that the user named.
 * @throws CommandError `usage`: it cannot be written
 */
export async function writeNamedFile(path: string, bytes: Uint8Array): Promise<void> {
  try {
    await writeFile(path, bytes);
  } catch (error) {
    throw new CommandError('usage', `cannot write ${path}: ${reasonOf(error)}`, error);
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of the path is no folder',
  ENOSPC: 'the disk is full',
  EROFS: 'the file system is read-only',
};

/** Why the system refused something, in plain words. */
export function reasonOf(error: unknown): string {
  const code = codeOf(error);
  return reasons[code] ?? (code === '' ? 'it failed' : code);
}
