/** A commit, or a removal, as the arguments of its script. */
import { randomBytes } from 'node:crypto';
import type { Epoch } from '../../ports/epoch.ts';
import type { Change, Commit } from '../../ports/store.ts';
import { encodeExpectation, encodeExpectedEpoch, encodeExpectedRevision, encodeLogEntry } from './codec.ts';
import type { Argument } from './connection.ts';
import { indexAmong, splitKey, type AccountKeys } from './keys.ts';
import { maxLoggedKeys } from '../store-limits.ts';
import { commitScript, removeScript, type Script } from './scripts.ts';

/** One script with what it works on. */
export interface ScriptCommand {
  readonly script: Script;
  readonly keys: readonly string[];
  readonly args: readonly Argument[];
}

/** Changes that are already in Redis, waiting to be applied. */
export interface Staged {
  readonly key: string;
  readonly length: number;
  /** The hashes of records that the staged changes refer to by their place in this list. */
  readonly collections: readonly string[];
}

const lineageBytes = 16;
/** State, change log and staged changes come first. */
const fixedKeys = 3;

/**
 * @param listed whether the account's name is in the list of accounts for certain
 * @param staged where the changes are, when they are not sent along
 */
export function commitCommand(
  accountKeys: AccountKeys,
  commit: Commit,
  listed: boolean,
  staged: Staged | undefined,
): ScriptCommand {
  const collections = [...(staged?.collections ?? [])];
  const entry = logEntryOf(commit);
  const expected = expectationArgs(accountKeys, commit, collections);
  const changes = staged === undefined ? changeArgs(accountKeys, commit.changes, collections) : [];
  const args: readonly Argument[] = [
    commit.authority ? '1' : '0',
    encodeExpectation(commit.expectEpoch, commit.expectLineage),
    randomBytes(lineageBytes).toString('hex'),
    listed ? '1' : '0',
    entry.bytes,
    entry.weight,
    maxLoggedKeys,
    staged?.length ?? 0,
    commit.expectRevisions?.length ?? 0,
    ...expected,
    ...changes,
  ];
  return {
    script: commitScript,
    keys: [accountKeys.meta, accountKeys.changeLog, staged?.key ?? accountKeys.meta, ...collections],
    args,
  };
}

/** Removes an account that is at this epoch. */
export function removeCommand(accountKeys: AccountKeys, expectEpoch: Epoch): ScriptCommand {
  return {
    script: removeScript,
    keys: [accountKeys.meta],
    args: [accountKeys.everything, encodeExpectedEpoch(expectEpoch)],
  };
}

/** Changes as (sign and hash, field, value). `collections` grows by what it lacks. */
export function changeArgs(
  accountKeys: AccountKeys,
  changes: readonly Change[],
  collections: string[],
): readonly Argument[] {
  const args: Argument[] = [];
  for (const { key, value } of changes) {
    const [collection, field] = splitKey(key);
    const index = fixedKeys + indexAmong(collections, accountKeys.collection(collection));
    if (value === undefined) args.push(`-${index}`, field, '');
    else args.push(`+${index}`, field, Buffer.from(value.buffer, value.byteOffset, value.byteLength));
  }
  return args;
}

function expectationArgs(
  accountKeys: AccountKeys,
  commit: Commit,
  collections: string[],
): readonly Argument[] {
  return (commit.expectRevisions ?? []).flatMap(({ key, revision }): Argument[] => {
    const [collection, field] = splitKey(key);
    const index = fixedKeys + indexAmong(collections, accountKeys.collection(collection));
    return [index, field, encodeExpectedRevision(revision)];
  });
}

function logEntryOf(commit: Commit): { readonly bytes: Argument; readonly weight: number } {
  const fits = commit.authority && commit.changes.length <= maxLoggedKeys;
  if (!fits) return { bytes: '', weight: 0 };
  return { bytes: encodeLogEntry(commit.changes), weight: Math.max(1, commit.changes.length) };
}
