/**
 * The contents of a backup: a head; each account as its state, its records and what it should
 * have of them; an end. So whatever was cut off at any place is missed.
 */
import { z } from 'zod';
import type { AccountSnapshot, StoreSnapshot, TransferredRecord } from '../../ports/store-transfer.ts';
import { storedAccount, toAccount, type Account } from '../ids.ts';
import { collectionOf } from '../records/keys.ts';
import {
  frameKinds,
  jsonFrame,
  jsonIn,
  readFrames,
  recordFrames,
  recordsIn,
  unreadable,
  type Frame,
} from './frames.ts';
import { isFailure } from '../errors.ts';

const whole = z.number().int().nonnegative();
const headForm = z.object({ createdAt: z.iso.datetime() });
const accountForm = z.object({
  account: z.string().refine(isAccount),
  lineage: z.string().max(64),
  counter: whole,
  revision: whole,
});
const countsForm = z.object({ records: z.record(z.string(), whole) });
const endForm = z.object({ accounts: whole });

/** What a backup says of an account. */
export interface BackupAccount {
  readonly account: Account;
  readonly lineage: string;
  readonly counter: number;
  readonly revision: number;
}

/** What is told of an account that went into a backup, or was found in one. */
export interface AccountSummary extends BackupAccount {
  /** By collection. */
  readonly records: Readonly<Record<string, number>>;
}

/** In the order of a backup. */
export type BackupPart =
  | { readonly kind: 'head'; readonly createdAt: string }
  | { readonly kind: 'account'; readonly account: BackupAccount }
  | { readonly kind: 'records'; readonly records: readonly TransferredRecord[] }
  | { readonly kind: 'accountEnd'; readonly records: Readonly<Record<string, number>> };

/**
 * Writes what a snapshot has.
 * @param tell is told of each account when it is complete
 */
export async function* writeContents(
  snapshot: StoreSnapshot,
  createdAt: Date,
  tell: (account: AccountSummary) => void,
): AsyncGenerator<Uint8Array> {
  yield jsonFrame(frameKinds.head, { createdAt: createdAt.toISOString() });
  let accounts = 0;
  for await (const source of snapshot.accounts()) {
    const { account, epoch, revision } = source;
    const state = { account, lineage: epoch.lineage, counter: epoch.counter, revision };
    yield jsonFrame(frameKinds.account, state);
    const records = yield* writeRecords(source);
    yield jsonFrame(frameKinds.accountEnd, { records });
    tell({ ...state, records });
    accounts += 1;
  }
  yield jsonFrame(frameKinds.end, { accounts });
}

async function* writeRecords(
  source: AccountSnapshot,
): AsyncGenerator<Uint8Array, Readonly<Record<string, number>>> {
  const seen = new Tally();
  for await (const records of source.records()) {
    seen.add(records);
    yield* recordFrames(records);
  }
  const counts = source.counts === undefined ? seen.counts : Object.fromEntries(source.counts);
  seen.requireAtLeast(counts);
  return counts;
}

/**
 * Reads what {@link writeContents} wrote.
 * @throws LatchkeyError `BACKUP_INVALID`: not in this order, something is missing or too much
 */
export async function* readContents(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<BackupPart> {
  const frames = readFrames(pieces);
  yield { kind: 'head', createdAt: parsed(headForm, await next(frames, frameKinds.head)).createdAt };
  const names = new Set<string>();
  for (;;) {
    const frame = await next(frames, frameKinds.account, frameKinds.end);
    if (frame.kind === frameKinds.end) {
      if (parsed(endForm, frame).accounts !== names.size) throw unreadable('it lacks accounts');
      if ((await frames.next()).done !== true) throw unreadable('it goes on after its end');
      return;
    }
    const state = parsed(accountForm, frame);
    if (names.has(state.account)) throw unreadable('it has an account twice');
    names.add(state.account);
    yield { kind: 'account', account: { ...state, account: storedAccount(state.account) } };
    yield* readRecords(frames);
  }
}

async function* readRecords(frames: AsyncGenerator<Frame>): AsyncGenerator<BackupPart> {
  const seen = new Tally();
  for (;;) {
    const frame = await next(frames, frameKinds.records, frameKinds.accountEnd);
    if (frame.kind === frameKinds.accountEnd) {
      const { records } = parsed(countsForm, frame);
      seen.requireAtLeast(records);
      yield { kind: 'accountEnd', records };
      return;
    }
    const records = recordsIn(frame);
    seen.add(records);
    yield { kind: 'records', records };
  }
}

async function next(frames: AsyncGenerator<Frame>, ...kinds: readonly number[]): Promise<Frame> {
  const step: IteratorResult<Frame, unknown> = await frames.next();
  if (step.done === true) throw unreadable('its end is missing');
  if (!kinds.includes(step.value.kind)) throw unreadable('its parts are not in order');
  return step.value;
}

function parsed<Form extends z.ZodType>(form: Form, frame: Frame): z.output<Form> {
  const { success, data, error } = form.safeParse(jsonIn(frame));
  if (!success) throw unreadable('a part of it has not the form that it should have', error);
  return data;
}

function isAccount(name: string): boolean {
  try {
    return toAccount(name) === name;
  } catch (error) {
    if (isFailure(error)) return false;
    throw error;
  }
}

/** How many records came, by collection. A record may come twice. */
class Tally {
  readonly #counts = new Map<string, number>();

  add(records: readonly TransferredRecord[]): void {
    for (const { key } of records) {
      const collection = collectionOf(key);
      this.#counts.set(collection, (this.#counts.get(collection) ?? 0) + 1);
    }
  }

  get counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }

  /** @throws LatchkeyError `BACKUP_INVALID`: there were fewer than these, or others */
  requireAtLeast(counts: Readonly<Record<string, number>>): void {
    const collections = new Set([...Object.keys(counts), ...this.#counts.keys()]);
    for (const collection of collections) {
      const expected = Object.hasOwn(counts, collection) ? (counts[collection] ?? 0) : 0;
      const came = this.#counts.get(collection) ?? 0;
      if (came < expected || (expected === 0 && came > 0)) throw unreadable('it lacks records');
    }
  }
}
