import type { Account } from '../../../src/domain/ids.ts';
import type { Change, Store } from '../../../src/ports/store.ts';
import type { StoreTransfer, TransferredRecord } from '../../../src/ports/store-transfer.ts';
import { text } from '../store/fixture.ts';

/** One empty database. */
export interface Database {
  connect(): Promise<Store>;
  transfer(restart: boolean): Promise<StoreTransfer>;
}

/** Where databases are made. */
export interface Databases {
  make(): Promise<Database>;
  close(): Promise<void>;
}

export const collections = ['note', 'pair', 'Note'] as const;

/** What one account of a snapshot is, as plain data. */
export interface Seen {
  readonly account: string;
  readonly lineage: string;
  readonly counter: number;
  readonly revision: number;
  /** Each key with its value as text. */
  readonly records: ReadonlyMap<string, string>;
}

/** Reads a whole snapshot; `meanwhile` runs after each account's snapshot began and before it is read. */
export async function readAll(
  store: Store,
  meanwhile: (account: Account) => Promise<void> = () => Promise.resolve(),
): Promise<readonly Seen[]> {
  const snapshot = await store.snapshot(collections);
  const seen: Seen[] = [];
  try {
    for await (const source of snapshot.accounts()) {
      const { account, epoch, revision, counts } = source;
      await meanwhile(account);
      const found = new Map<string, string>();
      for await (const batch of source.records()) collect(found, batch);
      if (counts !== undefined) requireCounts(counts, found);
      seen.push({ account, ...epoch, revision, records: found });
    }
  } finally {
    await snapshot.close();
  }
  return seen;
}

function collect(found: Map<string, string>, batch: readonly TransferredRecord[]): void {
  for (const { key, value } of batch) {
    const known = found.get(key);
    const now = text(value) ?? '';
    if (known !== undefined && known !== now) throw new Error(`two values of ${key}: ${known} and ${now}`);
    found.set(key, now);
  }
}

function requireCounts(counts: ReadonlyMap<string, number>, found: ReadonlyMap<string, string>): void {
  for (const name of collections) {
    const there = [...found.keys()].filter((key) => key.startsWith(`${name}\t`)).length;
    if (there !== (counts.get(name) ?? 0)) {
      throw new Error(`${there} records of ${name} instead of ${String(counts.get(name))}`);
    }
  }
}

/** Commits or fails. */
export async function commit(
  store: Store,
  account: Account,
  changes: readonly Change[],
  authority = true,
): Promise<void> {
  const { committed } = await store.commit(account, { changes, authority });
  if (!committed) throw new Error('the commit was refused');
}

/** Everything that a store has under these keys, as text. */
export async function valuesOf(
  store: Store,
  account: Account,
  keys: readonly Change['key'][],
): Promise<readonly (string | undefined)[]> {
  const { records } = await store.read(account, keys);
  return records.map((record) => text(record?.value));
}
