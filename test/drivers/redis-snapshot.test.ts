import assert from 'node:assert/strict';
import { Redis } from 'ioredis';
import { isFailure } from '../../src/domain/errors.ts';
import { toAccount } from '../../src/domain/ids.ts';
import { openRedisTransfer } from '../../src/drivers/redis/restore.ts';
import { openRedisStore } from '../../src/drivers/redis/store.ts';
import type { Store } from '../../src/ports/store.ts';
import { key, put } from '../contracts/store/fixture.ts';
import { startRedis, type RedisServer } from '../support/redis-server.ts';

const acme = toAccount('acme');
const mark = 'latchkey:{acme}:snapshot';
const restoreMark = '{latchkey:accounts}:restore';

describe('a snapshot and a transfer on redis', function () {
  this.timeout(60_000);
  let server: RedisServer;
  let client: Redis;
  let store: Store;

  before(async () => {
    server = await startRedis();
    client = new Redis(server.url);
    client.on('error', () => undefined);
  });
  after(async () => {
    client.disconnect();
    await server.stop();
  });
  beforeEach(async () => {
    await client.flushall();
    store = await openRedisStore({ url: server.url });
    const changes = [...Array(2_000).keys()].map((number) => put(`note\t${number}`, 'x'.repeat(100)));
    await store.commit(acme, { changes, authority: true });
  });
  afterEach(() => store.close());

  /** Reads a snapshot; `meanwhile` runs after its first batch. */
  const readWith = async (meanwhile: () => Promise<unknown>): Promise<number> => {
    const snapshot = await store.snapshot(['note']);
    let found = 0;
    try {
      for await (const account of snapshot.accounts()) {
        for await (const batch of account.records()) {
          if (found === 0) await meanwhile();
          found += batch.length;
        }
      }
    } finally {
      await snapshot.close();
    }
    return found;
  };
  const lost = (error: unknown): boolean =>
    isFailure(error, 'STORE_UNAVAILABLE') && error.message.includes('the snapshot was lost');

  it('leaves nothing behind, and puts nothing aside when no snapshot is taken', async () => {
    assert.equal(
      await readWith(async () => {
        assert.equal(await client.exists(mark), 1);
      }),
      2_000,
    );
    assert.equal(await client.exists(mark), 0);
    await store.commit(acme, { changes: [put('note\t1', 'new')], authority: false });
    assert.equal(await client.exists(mark), 0);
  });

  it('puts aside what is replaced once, with a time to live', async () => {
    await readWith(async () => {
      for (const value of ['one', 'two']) {
        await store.commit(acme, {
          changes: [put('note\t1', value), put('note\tnew', value)],
          authority: false,
        });
      }
      assert.deepEqual((await client.hkeys(mark)).sort(), ['', 'note\t1']);
      assert.ok((await client.pttl(mark)) > 0);
    });
  });

  it('fails when its mark is gone, or another has taken its place', async () => {
    await assert.rejects(
      readWith(() => client.del(mark)),
      lost,
    );
    await assert.rejects(
      readWith(() => client.hset(mark, '', 'x'.repeat(44))),
      lost,
    );
    await client.del(mark);
    assert.equal(await readWith(() => Promise.resolve()), 2_000);
  });

  it('fails when the account is removed meanwhile', async () => {
    await assert.rejects(
      readWith(async () => store.remove(acme, (await store.read(acme, [])).epoch)),
      lost,
    );
  });

  it('fails when the server is restarted meanwhile', async () => {
    await assert.rejects(
      readWith(() => server.restart()),
      (error) => isFailure(error, 'STORE_UNAVAILABLE'),
    );
    await client.ping().catch(() => undefined);
  });

  it('is refused while another is being taken', async () => {
    await readWith(() =>
      assert.rejects(
        readWith(() => Promise.resolve()),
        (error) => isFailure(error, 'STORE_BUSY'),
      ),
    );
  });

  it('completes a transfer that was interrupted while it published', async () => {
    await client.flushall();
    const transfer = await openRedisTransfer({ url: server.url, restart: false });
    for (const name of ['acme', 'other']) {
      await transfer.begin({ account: toAccount(name), counter: 1, revision: 1 });
      await transfer.write([{ key: key('note\ta'), value: Buffer.from(name) }]);
    }
    // The state of the second cannot be written, so that only the first is published.
    await client.sadd('latchkey:{other}:meta', 'in the way');
    await assert.rejects(transfer.publish());
    await transfer.close();
    await client.del('latchkey:{other}:meta');
    assert.equal(await client.hget(restoreMark, 'phase'), 'publishing');
    const refused = openRedisStore({ url: server.url });
    await assert.rejects(refused, (error) => isFailure(error, 'TRANSFER_UNFINISHED'));
    await assert.rejects(
      openRedisTransfer({ url: server.url, restart: true }),
      (error) => isFailure(error, 'STORE_NOT_EMPTY') && error.message.includes('has been completed'),
    );
    const opened = await openRedisStore({ url: server.url });
    assert.deepEqual(await opened.accounts(), ['acme', 'other']);
    await opened.close();
  });

  it('does not disturb a store that is in use, wherever checking it was interrupted', async () => {
    await client.hset(restoreMark, { id: 'x', phase: 'checking', began: '0' });
    await (await openRedisStore({ url: server.url })).close();
    for (const restart of [false, true]) {
      await assert.rejects(openRedisTransfer({ url: server.url, restart }), (error) => isFailure(error));
    }
    const { records } = await store.read(acme, [key('note\t1')]);
    assert.ok(records[0] !== undefined);
  });
});
