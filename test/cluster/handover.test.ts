import assert from 'node:assert/strict';
import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { Handovers } from '../../src/cluster/handover.ts';
import { until } from '../support/workers.ts';

/** It stands on how Node.js hands connections over, which is no part of its interface: this shows whether that still holds. */
describe('Handovers', function () {
  this.timeout(30_000);
  let handovers: Handovers;
  let worker: Worker;
  let port: number;
  let announced: number;
  let client: Socket;

  beforeEach(async () => {
    cluster.setupPrimary({ exec: fileURLToPath(new URL('listening-worker.js', import.meta.url)), args: [] });
    handovers = new Handovers();
    worker = cluster.fork();
    handovers.watch(worker);
    announced = 0;
    const { process: child } = worker;
    const send = child.send.bind(child) as (...args: readonly unknown[]) => boolean;
    child.send = (...args: readonly unknown[]): boolean => {
      if (typeof args[1] === 'object' && args[1] !== null) announced += 1;
      return send(...args);
    };
    worker.once('exit', () => {
      handovers.ended(worker);
    });
    const [address] = (await once(worker, 'listening')) as [{ readonly port: number }];
    ({ port } = address);
  });
  afterEach(async () => {
    client.destroy();
    await end();
  });

  async function end(): Promise<void> {
    if (worker.isDead()) return;
    worker.process.kill('SIGKILL');
    await once(worker, 'exit');
  }

  async function open(): Promise<void> {
    client = connect(port, '127.0.0.1').on('error', () => undefined);
    await once(client, 'connect');
  }

  async function answered(): Promise<void> {
    client.write('there?\n');
    const [answer] = (await once(client, 'data')) as [Buffer];
    assert.equal(answer.toString(), 'here\n');
  }

  it('end a connection that a worker had not taken over when it died', async () => {
    worker.process.kill('SIGSTOP');
    await open();
    await until(() => announced === 1);
    const closed = once(client, 'close');
    await end();
    await closed;
  });

  it('leave a connection alone that a worker has taken over', async () => {
    await open();
    await answered();
    assert.equal(announced, 1);
    handovers.ended(worker);
    await answered();
  });
});
