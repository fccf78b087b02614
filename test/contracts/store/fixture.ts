import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { storedRecordKey, toAccount, type Account, type RecordKey } from '../../../src/domain/ids.ts';
import type { Epoch } from '../../../src/ports/epoch.ts';
import type { Change, CommitResult, Store } from '../../../src/ports/store.ts';

/** One database of the driver under test, on which any number of connections can be opened. */
export interface StoreUnderTest {
  connect(): Promise<Store>;
  close(): Promise<void>;
}

export type Committed = Extract<CommitResult, { committed: true }>;

export function key(text: string): RecordKey {
  return storedRecordKey(text);
}

export function put(name: string, value: string | Uint8Array): Change {
  return { key: key(name), value: typeof value === 'string' ? Buffer.from(value) : value };
}

export function remove(name: string): Change {
  return { key: key(name), value: undefined };
}

export function text(value: Uint8Array | undefined): string | undefined {
  return value === undefined ? undefined : Buffer.from(value).toString();
}

export function freshAccount(): Account {
  return toAccount(randomUUID());
}

export function assertCommitted(result: CommitResult): Committed {
  if (!result.committed) assert.fail('the commit was refused');
  return result;
}

/** A connection, and an account of its own for each test. */
export class StoreFixture {
  readonly #open: () => Promise<StoreUnderTest>;
  #database: StoreUnderTest | undefined;
  #store: Store | undefined;
  account = freshAccount();

  constructor(open: () => Promise<StoreUnderTest>) {
    this.#open = open;
  }

  async open(): Promise<void> {
    this.#database = await this.#open();
    this.#store = await this.#database.connect();
  }

  async close(): Promise<void> {
    await this.#store?.close();
    await this.#database?.close();
  }

  get store(): Store {
    return this.#store!;
  }

  connect(): Promise<Store> {
    return this.#database!.connect();
  }

  /** Commits without authority. */
  async write(...changes: Change[]): Promise<Committed> {
    return assertCommitted(await this.store.commit(this.account, { changes, authority: false }));
  }

  /** Commits with authority. */
  async authorize(...changes: Change[]): Promise<Committed> {
    return assertCommitted(await this.store.commit(this.account, { changes, authority: true }));
  }

  async values(...names: string[]): Promise<(string | undefined)[]> {
    const { records } = await this.store.read(this.account, names.map(key));
    return records.map((record) => text(record?.value));
  }

  async epochNow(): Promise<Epoch> {
    return (await this.store.read(this.account, [])).epoch;
  }

  async scanned(collection: string, from: Store = this.store): Promise<Map<string, string | undefined>> {
    const found = new Map<string, string | undefined>();
    for await (const batch of from.scan(this.account, collection)) {
      for (const [recordKey, record] of batch) found.set(recordKey, text(record.value));
    }
    return found;
  }
}
