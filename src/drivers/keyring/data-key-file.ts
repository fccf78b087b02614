/** Adding and removing keys in the data key file. */
import { randomBytes } from 'node:crypto';
import { open, realpath, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { LatchkeyError } from '../../domain/errors.ts';
import type { DataKeyFile } from '../../ports/data-key-file.ts';
import { cannotUse, maxKeys, readDataKeyFile } from './data-key.ts';
import { dataKeyBytes, dataKeyId } from './keyring.ts';

const permissions = 0o7777;
const ownerOnly = 0o600;
const retiredSuffix = '.retired';
const lineEnd = 0x0a;

/** A new random data key, as its file and the environment hold it. */
export function newDataKeyText(): string {
  return randomBytes(dataKeyBytes).toString('base64');
}

/** Opens the file for changes; it is read anew each time. */
export function openDataKeyFile(path: string): DataKeyFile {
  const keys = (): readonly Uint8Array[] => {
    const found = readDataKeyFile(path);
    if (found !== undefined) return found;
    throw new LatchkeyError('SETTING_INVALID', { detail: `the data key file ${path} does not exist` });
  };
  return {
    path,
    keyIds: () => keys().map(dataKeyId),
    add: async () => {
      // With one more than may be read, no service could start.
      if (keys().length >= maxKeys) {
        throw new LatchkeyError('SETTING_INVALID', { detail: `${path} holds ${maxKeys} keys already` });
      }
      const text = newDataKeyText();
      await explained(path, () => append(path, text));
      return dataKeyId(Buffer.from(text, 'base64'));
    },
    remove: async (keyIds) => {
      const present = keys();
      const kept = present.filter((key) => !keyIds.includes(dataKeyId(key)));
      if (kept.length === present.length) return;
      if (kept.length === 0) {
        throw new LatchkeyError('SETTING_INVALID', { detail: `no key would be left in ${path}` });
      }
      const removed = present.filter((key) => !kept.includes(key));
      await explained(path, async () => {
        await keepRetired(path, linesOf(removed));
        await replace(path, linesOf(kept).join(''));
      });
    },
  };
}

function linesOf(keys: readonly Uint8Array[]): readonly string[] {
  return keys.map((key) => `${Buffer.from(key).toString('base64')}\n`);
}

/** On disk before they leave the file itself: backups that were made under them open with nothing else. */
async function keepRetired(link: string, lines: readonly string[]): Promise<void> {
  const handle = await open(`${await realpath(link)}${retiredSuffix}`, 'a+', ownerOnly);
  try {
    const present = await handle.readFile('utf8');
    const missing = lines.filter((line) => !present.includes(line));
    await handle.writeFile(missing.join(''));
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** By one write at the end, so that whoever reads meanwhile sees the file with or without it. */
async function append(path: string, text: string): Promise<void> {
  const handle = await open(path, 'a+');
  try {
    const { size } = await handle.stat();
    const last = Buffer.alloc(1);
    await handle.read(last, 0, 1, size - 1);
    await handle.write(`${last[0] === lineEnd ? '' : '\n'}${text}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** By another file in its place, whole and on disk before, that belongs to the same user: the service must read it. */
async function replace(link: string, text: string): Promise<void> {
  const path = await realpath(link);
  const draft = `${path}.${randomBytes(8).toString('hex')}`;
  const present = await open(path, 'r');
  try {
    const { mode, uid, gid } = await present.stat();
    const handle = await open(draft, 'wx', mode & permissions);
    try {
      await handle.writeFile(text);
      const made = await handle.stat();
      if (made.uid !== uid || made.gid !== gid) await handle.chown(uid, gid);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, path);
  } finally {
    await present.close();
    await unlink(draft).catch(() => undefined);
  }
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function explained(path: string, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    throw cannotUse(path, error);
  }
}
