/**
 * Brings the changes of a large commit to Redis in parts, so that no command is large; the
 * commit script then applies them all at once. What no commit picks up expires.
 */
import { randomUUID } from 'node:crypto';
import type { Change } from '../../ports/store.ts';
import { changeArgs, type Staged } from './commit-command.ts';
import type { Connection } from './connection.ts';
import type { AccountKeys } from './keys.ts';
import { checkChanges } from '../store-limits.ts';

const maxInlineChanges = 1_000;
const maxInlineBytes = 1024 * 1024;
const stagedTtlMs = 10 * 60 * 1_000;
const valuesPerChange = 3;

/** Whether a commit is small enough to be sent in one command. */
export function fitsInline(changes: readonly Change[]): boolean {
  if (changes.length > maxInlineChanges) return false;
  let bytes = 0;
  for (const { key, value } of changes) bytes += key.length + (value?.byteLength ?? 0);
  return bytes <= maxInlineBytes;
}

/** @throws LatchkeyError `STORE_UNAVAILABLE`, `INTERNAL` */
export async function stage(
  connection: Connection,
  accountKeys: AccountKeys,
  changes: readonly Change[],
): Promise<Staged> {
  const key = accountKeys.staged(randomUUID());
  const collections: string[] = [];
  for (const part of partsOf(changes)) {
    checkChanges(part);
    const args = changeArgs(accountKeys, part, collections);
    await connection.perform(async (client) => {
      await client.callBuffer('rpush', [key, ...args]);
      await client.callBuffer('pexpire', [key, stagedTtlMs]);
    });
  }
  return { key, length: changes.length * valuesPerChange, collections };
}

/** Lets go of staged changes that were not applied; they would also expire. */
export async function unstage(connection: Connection, staged: Staged): Promise<void> {
  await connection.perform((client) => client.unlink(staged.key));
}

function* partsOf(changes: readonly Change[]): Generator<readonly Change[]> {
  let start = 0;
  let bytes = 0;
  for (const [index, { key, value }] of changes.entries()) {
    bytes += key.length + (value?.byteLength ?? 0);
    if (index + 1 - start < maxInlineChanges && bytes < maxInlineBytes) continue;
    yield changes.slice(start, index + 1);
    start = index + 1;
    bytes = 0;
  }
  if (start < changes.length) yield changes.slice(start);
}
