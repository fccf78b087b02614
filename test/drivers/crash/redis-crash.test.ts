import { openRedisStore } from '../../../src/drivers/redis/store.ts';
import type { Store } from '../../../src/ports/store.ts';
import { freshAccount } from '../../contracts/store/fixture.ts';
import { startRedis, type RedisServer } from '../../support/redis-server.ts';
import { assertSurvived, writeUntilKilled } from './lanes.ts';

const writerKills = 36;
const serverKills = 16;
const atOnce = 4;

describe('the redis store, when a writer or a server that syncs always is killed', function () {
  this.timeout(120_000);
  let server: RedisServer;
  let store: Store;

  before(async () => {
    server = await startRedis({ settings: { appendfsync: 'always' } });
    store = await openRedisStore({ url: server.url });
  });
  after(async () => {
    await store.close();
    await server.stop();
  });

  it(`keeps every acknowledged commit of ${writerKills} writers, and no part of another`, async () => {
    const killSome = async (): Promise<void> => {
      for (let kill = 0; kill < writerKills / atOnce; kill += 1) {
        const account = freshAccount();
        await assertSurvived(store, account, await writeUntilKilled({ url: server.url }, account));
      }
    };
    await Promise.all(Array.from({ length: atOnce }, killSome));
  });

  it(`keeps every acknowledged commit over ${serverKills} crashes of the server`, async () => {
    for (let kill = 0; kill < serverKills; kill += 1) {
      const account = freshAccount();
      const acknowledged = await writeUntilKilled({ url: server.url }, account, () => server.kill());
      await server.restart();
      await assertSurvived(store, account, acknowledged);
    }
  });
});
