import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import fc from 'fast-check';
import { openLmdbStore } from '../../src/drivers/lmdb/store.ts';
import { openRedisStore } from '../../src/drivers/redis/store.ts';
import type { Account } from '../../src/domain/ids.ts';
import type { EphemeralRecord } from '../../src/ports/ephemeral-store.ts';
import type { Store } from '../../src/ports/store.ts';
import { freshAccount, text } from '../contracts/store/fixture.ts';
import { startRedis, type RedisServer } from '../support/redis-server.ts';
import { temporaryDirectory } from '../support/temp.ts';
import { assertProperty } from '../support/property.ts';

const ttlMs = 60 * 60 * 1_000;
const names = ['a', 'A', 'é', 'e\u0301', '{a}', 'x'.repeat(512), ''];
const key = fc.constantFrom(...names);
const entry = fc.record({ key, value: fc.string(), group: fc.option(key, { nil: undefined }) });
const step = fc.oneof(
  fc.record({ kind: fc.constant('put' as const), entries: fc.array(entry, { maxLength: 4 }) }),
  fc.record({ kind: fc.constant('add' as const), entry }),
  fc.record({ kind: fc.constantFrom('take' as const, 'use' as const, 'remove' as const), key }),
  fc.record({ kind: fc.constant('removeGroup' as const), key }),
  fc.record({ kind: fc.constant('count' as const), key, amount: fc.integer({ min: -9, max: 9 }) }),
);
type Step = typeof step extends fc.Arbitrary<infer One> ? One : never;
type Entry = typeof entry extends fc.Arbitrary<infer One> ? One : never;

function toEntry({ group, value, ...rest }: Entry) {
  return { ...rest, value: Buffer.from(value), ttlMs, ...(group === undefined ? {} : { group }) };
}

function shown(record: EphemeralRecord | undefined): unknown {
  return record && [text(record.value), record.used];
}

/** What a step answers, and what is there afterwards. */
async function play({ ephemeral }: Store, account: Account, one: Step): Promise<readonly unknown[]> {
  const act = async (): Promise<unknown> => {
    switch (one.kind) {
      case 'put':
        return ephemeral.put(account, one.entries.map(toEntry));
      case 'add':
        return ephemeral.add(account, toEntry(one.entry));
      case 'take':
        return shown(await ephemeral.take(account, one.key));
      case 'use':
        return ephemeral.use(account, one.key);
      case 'remove':
        return ephemeral.remove(account, [one.key]);
      case 'removeGroup':
        return ephemeral.removeGroup(account, one.key);
      case 'count':
        return ephemeral.count(account, one.key, ttlMs, one.amount);
    }
  };
  const answer = await act();
  return [answer, ...(await ephemeral.get(account, names)).map(shown)];
}

describe('the ephemeral spaces of lmdb and redis, playing the same run', function () {
  this.timeout(60_000);
  const directory = temporaryDirectory();
  let server: RedisServer;
  let lmdb: Store;
  let redis: Store;

  before(async () => {
    server = await startRedis();
    lmdb = await openLmdbStore({ directory: directory.path });
    redis = await openRedisStore({ url: server.url });
  });
  after(async () => {
    await lmdb.close();
    await redis.close();
    await server.stop();
    directory.remove();
  });

  it('give the same replies', async () => {
    const seed = Number(process.env['LATCHKEY_SEED'] ?? randomInt(2 ** 31));
    const runs = fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40 }), async (steps) => {
      const account = freshAccount();
      for (const [index, one] of steps.entries()) {
        const replies = await Promise.all([play(lmdb, account, one), play(redis, account, one)]);
        assert.deepEqual(replies[1], replies[0], `step ${index}: ${JSON.stringify(one)}`);
      }
    });
    await assertProperty(runs, { seed, numRuns: 40, interruptAfterTimeLimit: 15_000 });
  });
});
