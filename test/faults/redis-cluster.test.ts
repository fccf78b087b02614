import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { isFailure } from '../../src/domain/errors.ts';
import { openRedisStore } from '../../src/drivers/redis/store.ts';
import type { Store } from '../../src/ports/store.ts';
import { assertCommitted, freshAccount, key, put, text } from '../contracts/store/fixture.ts';
import { relayClusterLinks, type ClusterLinks } from '../support/cluster-links.ts';
import { startRedisCluster, type RedisCluster } from '../support/redis-cluster.ts';
import type { RedisServer } from '../support/redis-server.ts';
import { SharedStore } from './shared-store.ts';

/** On a machine that is busy, a node may take another that lives for dead. */
async function eventually<Result>(call: () => Promise<Result>): Promise<Result> {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      assert.ok(isFailure(error, 'STORE_UNAVAILABLE'), String(error));
      await pause(20);
    }
  }
}

async function asked<Reply>(node: RedisServer, question: (client: Redis) => Promise<Reply>): Promise<Reply> {
  const client = new Redis(node.url);
  try {
    return await question(client);
  } finally {
    client.disconnect();
  }
}

const replicationOf = (node: RedisServer): Promise<string> =>
  asked(node, (client) => client.info('replication'));

const setNodeTimeout = (node: RedisServer, ms: number): Promise<unknown> =>
  asked(node, (client) => client.config('SET', 'cluster-node-timeout', ms));

describe('two service processes on a cluster, with --redis-wait-replicas 1', function () {
  this.timeout(120_000);
  let cluster: RedisCluster;
  let links: ClusterLinks | undefined;
  let world: SharedStore;
  let store: Store;

  before(async () => {
    // Replicas stay where the tests put them.
    cluster = await startRedisCluster({ settings: { 'cluster-allow-replica-migration': 'no' } });
    world = await SharedStore.start({
      LATCHKEY_STORE: cluster.url,
      LATCHKEY_REDIS_WAIT_REPLICAS: '1',
    });
    store = await openRedisStore({ url: cluster.url });
  });
  after(async () => {
    await store.close();
    await world.stop();
    await cluster.stop();
    await links?.close();
  });

  async function write(account: ReturnType<typeof freshAccount>, value: string): Promise<void> {
    const changes = [put('role\ta', value)];
    assertCommitted(await store.commit(account, { changes, authority: true }));
  }

  async function value(account: ReturnType<typeof freshAccount>): Promise<string | undefined> {
    return text((await store.read(account, [key('role\ta')])).records[0]?.value);
  }

  /** An account whose keys this node has not. */
  async function elsewhere(node: RedisServer): Promise<ReturnType<typeof freshAccount>> {
    let account = freshAccount();
    while ((await cluster.nodeOf(account)) === node) account = freshAccount();
    return account;
  }

  /** Has the replica of another node follow this one, too: its successor then has one that it can acknowledge with. */
  async function addReplica(node: RedisServer): Promise<readonly RedisServer[]> {
    const id = await asked(node, (client) => client.cluster('MYID'));
    const roles = await Promise.all(cluster.nodes.map(replicationOf));
    const isReplica = (of: boolean) => (_: RedisServer, index: number) =>
      roles[index]!.includes('role:slave') && roles[index]!.includes(`master_port:${node.port}\r`) === of;
    const own = cluster.nodes.filter(isReplica(true));
    const [added] = cluster.nodes.filter(isReplica(false));
    await asked(added!, (client) => client.cluster('REPLICATE', id));
    while (!/slave1:.*state=online/.test(await replicationOf(node))) await pause(20);
    return [...own, added!];
  }

  it('go by no older state, and lose nothing, when the primary of their account is cut off and does not know that it was replaced', async () => {
    links = await relayClusterLinks(cluster.nodes);
    const former = await cluster.nodeOf('acct');
    const replicas = await addReplica(former);
    // It goes on for as long as that, and answers whoever does not know better.
    await setNodeTimeout(former, 60_000);
    await world.during(async () => {
      links!.cut(former);
      while (!(await Promise.all(replicas.map(replicationOf))).some((info) => info.includes('role:master')))
        await pause(20);
      assert.match(await replicationOf(former), /role:master/);
      await world.serving();
      assert.match(await asked(former, (client) => client.cluster('INFO')).then(String), /cluster_state:ok/);
      links!.mend();
      await cluster.settled();
    });
    await world.verify();
  });

  it('lose nothing acknowledged when the primary of their account is killed, and serve other accounts meanwhile', async () => {
    const down = await cluster.nodeOf('acct');
    const other = await elsewhere(down);
    await eventually(() => write(other, 'first'));
    await world.during(async () => {
      await cluster.kill(down);
      for (let round = 0; round < 100; round += 1) {
        await eventually(() => write(other, String(round)));
        assert.equal(await eventually(() => value(other)), String(round));
      }
      await cluster.settled();
      // The successor acknowledges once it has a replica, which the former primary becomes.
      await down.restart();
    });
    await world.verify();
  });

  it('are served by a primary without replicas for as long as most primaries take it for one', async () => {
    await cluster.settled();
    await Promise.all(cluster.nodes.map((node) => setNodeTimeout(node, 60_000)));
    let account = freshAccount();
    let alone = await cluster.nodeOf(account);
    const others = new Set<RedisServer>();
    // All three, and an account of the one that is left without a replica.
    while (others.size < 2 || !(await replicationOf(alone)).includes('connected_slaves:0')) {
      if (!(await replicationOf(alone)).includes('connected_slaves:0')) others.add(alone);
      account = freshAccount();
      alone = await cluster.nodeOf(account);
    }
    const [second, third] = others;
    await eventually(() => write(account, 'alone'));
    second!.signal('SIGSTOP');
    assert.equal(await value(account), 'alone');
    third!.signal('SIGSTOP');
    await assert.rejects(value(account), (error) => isFailure(error, 'STORE_UNAVAILABLE'));
    await assert.rejects(write(account, 'refused'), (error) => isFailure(error, 'STORE_UNAVAILABLE'));
    for (const node of [second!, third!]) node.signal('SIGCONT');
    await eventually(() => value(account));
  });
});
