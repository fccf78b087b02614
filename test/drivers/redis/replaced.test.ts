import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { isFailure } from '../../../src/domain/errors.ts';
import { openRedisStore } from '../../../src/drivers/redis/store.ts';
import type { Epoch } from '../../../src/ports/epoch.ts';
import type { Store } from '../../../src/ports/store.ts';
import {
  assertCommitted,
  freshAccount,
  key,
  put,
  text,
  type Committed,
} from '../../contracts/store/fixture.ts';
import { startRedis, type RedisServer } from '../../support/redis-server.ts';

describe('the redis store on servers that take turns as the primary', function () {
  this.timeout(60_000);
  const account = freshAccount();
  const servers: RedisServer[] = [];
  const stores: Store[] = [];
  const admins: Redis[] = [];

  before(async () => {
    for (let index = 0; index < 2; index += 1) {
      const server = await startRedis({ settings: { 'repl-diskless-sync-delay': '0' } });
      servers.push(server);
      admins.push(new Redis(server.url));
      stores.push(await openRedisStore({ url: server.url }));
    }
  });
  after(async () => {
    for (const admin of admins) admin.disconnect();
    await Promise.all(stores.map((store) => store.close()));
    await Promise.all(servers.map((server) => server.stop()));
  });

  async function commit(on: number, value: string): Promise<Committed> {
    const changes = [put('role\ta', value)];
    return assertCommitted(await stores[on]!.commit(account, { changes, authority: true }));
  }

  async function seen(on: number): Promise<{ epoch: Epoch; value: string | undefined; revision: number }> {
    const { epoch, records } = await stores[on]!.read(account, [key('role\ta')]);
    return { epoch, value: text(records[0]?.value), revision: records[0]?.revision ?? 0 };
  }

  async function follow(replica: number, primary: number): Promise<void> {
    await admins[replica]!.replicaof('127.0.0.1', servers[primary]!.port);
    while (!(await admins[replica]!.info('replication')).includes('master_link_status:up')) await pause(5);
    // What the primary wrote meanwhile is on its way.
    assert.equal(await admins[primary]!.set('probe', Date.now()), 'OK');
    assert.equal(await admins[primary]!.wait(1, 0), 1);
  }

  async function lead(server: number): Promise<void> {
    await admins[server]!.replicaof('NO', 'ONE');
  }

  async function assertUnavailable(call: Promise<unknown>): Promise<void> {
    await assert.rejects(call, (error) => isFailure(error, 'STORE_UNAVAILABLE'));
  }

  it('never continues a lineage of which it lost commits, even where it wrote it last itself', async () => {
    await commit(0, 'kept');
    await follow(1, 0);
    const kept = await seen(0);
    await lead(1);
    const lost = [await commit(0, 'lost'), await commit(0, 'lost too')];
    await follow(0, 1);
    await lead(0);
    const back = await seen(0);
    assert.deepEqual(back, kept, 'what was lost is gone');
    const again = [await commit(0, 'another'), await commit(0, 'yet another')];
    for (const { epoch, revision } of again) {
      assert.notEqual(epoch.lineage, kept.epoch.lineage);
      assert.ok(revision > back.revision);
      assert.ok(!lost.some((each) => each.revision === revision), 'no revision comes back');
    }
    assert.equal(again[0]?.epoch.lineage, again[1]?.epoch.lineage);
    for (const { epoch } of lost)
      assert.equal((await stores[0]!.changesSince(account, epoch)).kind, 'reload');
  });

  it('gives two servers that go on from one state lineages and revisions of their own', async () => {
    await follow(1, 0);
    await lead(1);
    const here = await commit(0, 'here');
    const there = await commit(1, 'there');
    assert.notEqual(here.epoch.lineage, there.epoch.lineage);
    assert.notEqual(here.revision, there.revision);
    await commit(0, 'here, too');
    const late = { key: key('role\ta'), revision: (await seen(0)).revision };
    const changes = [put('role\ta', 'late')];
    const refused = await stores[1]!.commit(account, { changes, authority: true, expectRevisions: [late] });
    assert.equal(refused.committed, false);
  });

  it('does not let a server answer that has become a replica', async () => {
    await follow(0, 1);
    const { epoch } = await seen(1);
    await commit(1, 'newer');
    await assertUnavailable(seen(0));
    await assertUnavailable(stores[0]!.changesSince(account, epoch));
    await assertUnavailable(stores[0]!.ephemeral.get(account, ['a']));
    await assertUnavailable(stores[0]!.health());
    await assertUnavailable(commit(0, 'refused'));
    await assertUnavailable(openRedisStore({ url: servers[0]!.url }));
    await lead(0);
    while ((await stores[0]!.health().catch(() => 'away')) === 'away') await pause(5);
    assert.equal((await seen(0)).value, 'newer');
  });
});
