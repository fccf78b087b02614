import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import fc from 'fast-check';
import { toAccount, type Account } from '../../src/domain/ids.ts';
import { openLmdbStore } from '../../src/drivers/lmdb/store.ts';
import { openRedisStore } from '../../src/drivers/redis/store.ts';
import type { Epoch } from '../../src/ports/epoch.ts';
import type { Commit, Store } from '../../src/ports/store.ts';
import { freshAccount, key, text } from '../contracts/store/fixture.ts';
import { startRedis, type RedisServer } from '../support/redis-server.ts';
import { temporaryDirectory } from '../support/temp.ts';
import { assertProperty } from '../support/property.ts';

/** A step of a run. What it refers to is picked by number, so that a shorter run still makes sense. */
type Step =
  | { readonly kind: 'read'; readonly account: number; readonly names: readonly number[] }
  | { readonly kind: 'commit'; readonly account: number; readonly plan: CommitPlan }
  | { readonly kind: 'scan'; readonly account: number; readonly collection: string }
  | { readonly kind: 'changes'; readonly account: number; readonly since: number }
  | { readonly kind: 'remove'; readonly account: number; readonly present: boolean }
  | { readonly kind: 'accounts' };

interface CommitPlan {
  readonly changes: readonly (readonly [name: number, value: string | undefined])[];
  readonly authority: boolean;
  /** The epoch to expect: none, the present one, or one of those seen before. */
  readonly epoch: 'any' | 'present' | number;
  /** Records to expect as they are, or as they were when `stale`. */
  readonly unchanged: readonly { readonly name: number; readonly stale: boolean }[];
}

const names = [
  'role\ta',
  'role\tA',
  'role\ta\tb',
  'role\té',
  'role\te\u0301',
  'role\t😀',
  `role\t${'x'.repeat(3_000)}`,
  'secret\ta',
  'secret\ta ',
  'secret\t%7B',
  'annotation\ta\tdescription',
];
const collections = ['role', 'secret', 'annotation', 'none'];
const accountCount = 3;

const account = fc.nat(accountCount - 1);
const name = fc.nat(names.length - 1);
const plan: fc.Arbitrary<CommitPlan> = fc.record({
  changes: fc.array(fc.tuple(name, fc.option(fc.string(), { nil: undefined })), { maxLength: 6 }),
  authority: fc.boolean(),
  epoch: fc.oneof(fc.constant('any' as const), fc.constant('present' as const), fc.nat(20)),
  unchanged: fc.array(fc.record({ name, stale: fc.boolean() }), { maxLength: 2 }),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('commit' as const), account, plan }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('read' as const),
      account,
      names: fc.array(name, { maxLength: 5 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('scan' as const),
      account,
      collection: fc.constantFrom(...collections),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('changes' as const), account, since: fc.nat(20) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('remove' as const), account, present: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('accounts' as const) }) },
);

/** One store as a run sees it: its replies in words that do not depend on the store. */
class Player {
  readonly #store: Store;
  readonly #accounts: readonly Account[];
  readonly #lineages = new Map<string, string>([['', 'none']]);
  readonly #epochs: Epoch[] = [{ lineage: '', counter: 0 }];
  readonly #revisions = new Map<string, number>();

  constructor(store: Store, accounts: readonly Account[]) {
    this.#store = store;
    this.#accounts = accounts;
  }

  async play(step: Step): Promise<unknown> {
    switch (step.kind) {
      case 'read':
        return this.#read(this.#account(step.account), step.names);
      case 'commit':
        return this.#commit(this.#account(step.account), step.plan);
      case 'scan':
        return this.#scan(this.#account(step.account), step.collection);
      case 'changes':
        return this.#changes(this.#account(step.account), this.#epochs[step.since % this.#epochs.length]!);
      case 'remove':
        return this.#remove(this.#account(step.account), step.present);
      case 'accounts':
        return (await this.#store.accounts()).filter((listed) => this.#accounts.includes(listed));
    }
  }

  #account(index: number): Account {
    return this.#accounts[index]!;
  }

  #epoch(epoch: Epoch): string {
    this.#epochs.push(epoch);
    const known = this.#lineages.get(epoch.lineage) ?? `lineage ${this.#lineages.size}`;
    this.#lineages.set(epoch.lineage, known);
    return `${known}: ${epoch.counter}`;
  }

  async #read(from: Account, picked: readonly number[]): Promise<unknown> {
    const keys = picked.map((index) => key(names[index]!));
    const { epoch, records } = await this.#store.read(from, keys);
    const found = records.map((record) => record && [text(record.value), record.revision]);
    return [this.#epoch(epoch), found];
  }

  async #commit(to: Account, { changes, authority, epoch, unchanged }: CommitPlan): Promise<unknown> {
    const commit: Commit = {
      changes: changes.map(([index, value]) => ({
        key: key(names[index]!),
        value: value === undefined ? undefined : Buffer.from(value),
      })),
      authority,
      ...(await this.#expectedEpoch(to, epoch)),
      expectRevisions: await Promise.all(unchanged.map((each) => this.#expectedRevision(to, each))),
    };
    const result = await this.#store.commit(to, commit);
    return result.committed ? [this.#epoch(result.epoch), result.revision] : 'refused';
  }

  async #expectedEpoch(of: Account, epoch: CommitPlan['epoch']): Promise<Pick<Commit, 'expectEpoch'>> {
    if (epoch === 'any') return {};
    if (epoch === 'present') return { expectEpoch: (await this.#store.read(of, [])).epoch };
    return { expectEpoch: this.#epochs[epoch % this.#epochs.length]! };
  }

  async #expectedRevision(of: Account, { name: index, stale }: CommitPlan['unchanged'][number]) {
    const expected = key(names[index]!);
    const present = (await this.#store.read(of, [expected])).records[0]?.revision ?? 0;
    const place = `${of} ${expected}`;
    const revision = stale ? (this.#revisions.get(place) ?? 0) : present;
    this.#revisions.set(place, present);
    return { key: expected, revision };
  }

  async #remove(from: Account, present: boolean): Promise<unknown> {
    const epoch = present ? (await this.#store.read(from, [])).epoch : this.#epochs.at(-1)!;
    return this.#store.remove(from, epoch);
  }

  async #scan(from: Account, collection: string): Promise<unknown> {
    const found: unknown[] = [];
    for await (const batch of this.#store.scan(from, collection)) {
      for (const [recordKey, { value, revision }] of batch) found.push([recordKey, text(value), revision]);
    }
    return found.sort((left, right) => (String(left) < String(right) ? -1 : 1));
  }

  async #changes(from: Account, since: Epoch): Promise<unknown> {
    const catchup = await this.#store.changesSince(from, since);
    const epoch = this.#epoch(catchup.epoch);
    if (catchup.kind === 'reload') return [epoch, 'reload'];
    const changes = catchup.changes.map((change) => [change.key, text(change.value)]);
    return [epoch, changes.sort(([left], [right]) => (String(left) < String(right) ? -1 : 1))];
  }
}

describe('lmdb and redis, playing the same run', function () {
  this.timeout(60_000);
  const directory = temporaryDirectory();
  let server: RedisServer;
  let stores: readonly Store[];

  before(async () => {
    server = await startRedis();
    stores = [await openLmdbStore({ directory: directory.path }), await openRedisStore({ url: server.url })];
  });
  after(async () => {
    for (const store of stores) await store.close();
    await server.stop();
    directory.remove();
  });

  it('give the same replies', async () => {
    const seed = Number(process.env['LATCHKEY_SEED'] ?? randomInt(2 ** 31));
    const runs = fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60 }), async (steps) => {
      const run = freshAccount();
      const accounts = Array.from({ length: accountCount }, (_, index) => toAccount(`${index}-${run}`));
      const [lmdb, redis] = stores.map((store) => new Player(store, accounts));
      for (const [index, each] of steps.entries()) {
        const replies = await Promise.all([lmdb!.play(each), redis!.play(each)]);
        assert.deepEqual(replies[1], replies[0], `step ${index}: ${JSON.stringify(each)}`);
      }
    });
    await assertProperty(runs, { seed, numRuns: 60, interruptAfterTimeLimit: 20_000 });
  });
});
