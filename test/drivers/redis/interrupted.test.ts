import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { isFailure } from '../../../src/domain/errors.ts';
import { openRedisStore } from '../../../src/drivers/redis/store.ts';
import type { Store } from '../../../src/ports/store.ts';
import { freshAccount, key, put, text } from '../../contracts/store/fixture.ts';
import { startRedis, type RedisServer } from '../../support/redis-server.ts';

const commits = 400;

describe('the redis store on connections that break', function () {
  this.timeout(60_000);
  let server: RedisServer;

  before(async () => {
    server = await startRedis();
  });
  after(() => server.stop());

  /** Commits that each write two records, while `disturb` goes on. Answers which were acknowledged. */
  async function commitAll(store: Store, account: ReturnType<typeof freshAccount>): Promise<Set<number>> {
    const acknowledged = new Set<number>();
    const commit = async (index: number): Promise<void> => {
      const changes = [put(`role\t${index}`, 'one'), put(`resource\t${index}`, 'other')];
      try {
        await store.commit(account, { changes, authority: true });
        acknowledged.add(index);
      } catch (error) {
        assert.ok(isFailure(error, 'STORE_UNAVAILABLE'), String(error));
      }
    };
    for (let index = 0; index < commits; index += 20) {
      await Promise.all(Array.from({ length: 20 }, (_, offset) => commit(index + offset)));
    }
    return acknowledged;
  }

  async function assertWhole(
    store: Store,
    account: ReturnType<typeof freshAccount>,
    acknowledged: Set<number>,
  ): Promise<void> {
    while ((await store.health().catch(() => 'away')) === 'away') await pause(5);
    let applied = 0;
    for (let index = 0; index < commits; index += 1) {
      const { records } = await store.read(account, [key(`role\t${index}`), key(`resource\t${index}`)]);
      const values = records.map((record) => text(record?.value));
      if (values[0] !== undefined) applied += 1;
      if (acknowledged.has(index) || values[0] !== undefined) assert.deepEqual(values, ['one', 'other']);
      else assert.deepEqual(values, [undefined, undefined]);
    }
    const { epoch } = await store.read(account, []);
    assert.equal(epoch.counter, applied, 'each was applied once at most');
  }

  it('loses nothing acknowledged, and does nothing by half or twice, when the server closes them again and again', async () => {
    const store = await openRedisStore({ url: server.url });
    const account = freshAccount();
    const admin = new Redis(server.url);
    const over = new AbortController();
    const killing = (async () => {
      while (!over.signal.aborted) {
        await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
        await pause(20);
      }
    })();
    const acknowledged = await commitAll(store, account);
    over.abort();
    await killing;
    assert.ok(acknowledged.size < commits, 'some were interrupted');
    await assertWhole(store, account, acknowledged);
    admin.disconnect();
    await store.close();
  });

  it('acknowledges nothing whose answer was cut off, and does not send it again', async () => {
    const link = await startLink(server.port);
    const store = await openRedisStore({ url: `redis://127.0.0.1:${link.port}`, commandTimeoutMs: 2_000 });
    const account = freshAccount();
    let cuts = 0;
    const over = new AbortController();
    const cutting = (async () => {
      while (!over.signal.aborted) {
        link.cutAnswer();
        cuts += 1;
        await pause(25);
      }
    })();
    const acknowledged = await commitAll(store, account);
    over.abort();
    await cutting;
    assert.ok(cuts > 0 && acknowledged.size < commits);
    await assertWhole(store, account, acknowledged);

    await store.ephemeral.count(account, 'n', 60_000);
    link.cutAnswer();
    await assert.rejects(store.ephemeral.count(account, 'n', 60_000), (error) =>
      isFailure(error, 'STORE_UNAVAILABLE'),
    );
    while ((await store.health().catch(() => 'away')) === 'away') await pause(5);
    const sum = await store.ephemeral.count(account, 'n', 60_000);
    assert.equal(sum, 3, 'counted once, although nobody was told');
    await store.close();
    await link.close();
  });
});

/** A link to a server that can break after a request has passed and before its answer has. */
async function startLink(
  port: number,
): Promise<{ readonly port: number; cutAnswer(): void; close(): Promise<void> }> {
  const sockets = new Set<Socket>();
  let cut = false;
  const link: Server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('close', () => {
        near.destroy();
        far.destroy();
        sockets.delete(socket);
      });
      socket.on('error', () => undefined);
    }
    near.pipe(far);
    far.on('data', (bytes: Buffer) => {
      if (cut && !bytes.subarray(0, 5).equals(Buffer.from('+PONG'))) {
        cut = false;
        near.destroy();
      } else near.write(bytes);
    });
  }).listen(0, '127.0.0.1');
  await once(link, 'listening');
  return {
    port: (link.address() as { readonly port: number }).port,
    cutAnswer: () => {
      cut = true;
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      link.close();
      await once(link, 'close');
      await nextTurn();
    },
  };
}
