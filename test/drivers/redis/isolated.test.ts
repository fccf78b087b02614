import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { isFailure } from '../../../src/domain/errors.ts';
import { Primacy } from '../../../src/drivers/redis/primacy.ts';
import { Sentinels } from '../../../src/drivers/redis/sentinels.ts';
import { openRedisStore } from '../../../src/drivers/redis/store.ts';
import { parseRedisUrl } from '../../../src/drivers/redis/url.ts';
import type { Store } from '../../../src/ports/store.ts';
import { assertCommitted, freshAccount, key, put, text } from '../../contracts/store/fixture.ts';
import { startSentinelSet, type SentinelSet } from '../../support/redis-sentinel.ts';

const limits = { connectMs: 1_000, replyMs: 1_000 };

describe('the redis store on a primary that is cut off', function () {
  this.timeout(60_000);
  const account = freshAccount();
  let set: SentinelSet;
  let store: Store;

  before(async () => {
    set = await startSentinelSet();
    store = await openRedisStore({ url: set.url, commandTimeoutMs: 2_000 });
    await commit(store, 'older');
  });
  after(async () => {
    await store.close();
    await set.stop();
  });

  async function commit(on: Store, value: string): Promise<void> {
    const changes = [put('role\ta', value)];
    assertCommitted(await on.commit(account, { changes, authority: true }));
  }

  async function value(): Promise<string | undefined> {
    return text((await store.read(account, [key('role\ta')])).records[0]?.value);
  }

  async function eventually<Result>(call: () => Promise<Result>): Promise<Result> {
    for (;;) {
      try {
        return await call();
      } catch (error) {
        assert.ok(isFailure(error, 'STORE_UNAVAILABLE'), String(error));
        await pause(10);
      }
    }
  }

  it('believes it without replicas for as long as most sentinels do', async () => {
    const primary = await set.primary();
    const replica = set.servers.find((server) => server !== primary)!;
    const [, second, third] = set.sentinels;
    await replica.kill();
    assert.equal(await value(), 'older');
    await commit(store, 'old');
    await third!.kill();
    assert.equal(await value(), 'old');
    second!.signal('SIGSTOP');
    await assert.rejects(value(), (error) => isFailure(error, 'STORE_UNAVAILABLE'));
    second!.signal('SIGCONT');
    assert.equal(await eventually(value), 'old');
    await Promise.all([third!.restart(), replica.restart()]);
    await set.replicated();
    assert.equal(await eventually(value), 'old');
  });

  it('does not believe it any more once another was promoted, and sees no older state after that', async () => {
    const former = await set.primary();
    const direct = new Redis(former.url);
    await direct.ping();
    const target = parseRedisUrl(set.url);
    assert.ok(target.kind === 'sentinel');
    let told = 0;
    const sentinels = new Sentinels(target, limits, () => {
      told += 1;
    });
    const primacy = new Primacy(sentinels, 1);
    await primacy.confirm(direct);

    former.signal('SIGSTOP');
    const asked = value().catch(() => undefined);
    await set.failedOver(former);
    const successor = await eventually(() => openRedisStore({ url: set.url }));
    await eventually(() => commit(successor, 'newer'));
    former.signal('SIGCONT');
    await assert.rejects(primacy.confirm(direct), (error) => isFailure(error, 'STORE_UNAVAILABLE'));
    assert.equal(await direct.set('probe', 'taken'), 'OK', 'it still takes itself for the primary');
    assert.ok(told > 0);
    for (let round = 0; round < 50; round += 1) assert.equal(await eventually(value), 'newer');
    await asked;

    direct.disconnect();
    sentinels.close();
    await successor.close();
  });
});
