import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Admission, type RefusalReason } from '../../../src/http/load/admission.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('Admission', () => {
  let begun: string[] = [];
  let refused: string[] = [];
  let reasons = new Set<RefusalReason>();
  let busyMs = 0;
  let finish: (() => void)[] = [];

  beforeEach(() => {
    begun = [];
    refused = [];
    reasons = new Set();
    busyMs = 0;
    finish = [];
  });

  function admission(limits: { maxConcurrentRequests: number; maxQueueDelayMs: number }): Admission {
    return new Admission(
      limits,
      async (request) => {
        begun.push(request.url ?? '');
        await new Promise<void>((resolve) => finish.push(resolve));
      },
      (request, _response, reason) => {
        refused.push(request.url ?? '');
        reasons.add(reason);
      },
      () => busyMs,
    );
  }

  const take = (by: Admission, url: string): void => {
    by.take({ url } as unknown as IncomingMessage, {} as unknown as ServerResponse);
  };

  /** A turn of the event loop that took a while and in which so many requests came in. */
  async function turnOf(by: Admission, tookMs: number, requests: number): Promise<void> {
    for (let index = 0; index < requests; index += 1) take(by, `/${String(index)}`);
    busyMs += tookMs;
    await turn();
  }

  it('begins the requests of a turn together, after it', async () => {
    const by = admission({ maxConcurrentRequests: 0, maxQueueDelayMs: 0 });
    take(by, '/a');
    take(by, '/b');
    assert.deepEqual(begun, []);
    await turn();
    assert.deepEqual(begun, ['/a', '/b']);
    assert.equal(by.underWay, 2);
  });

  it('refuses beyond what may be under way, and begins again what there is room for', async () => {
    const by = admission({ maxConcurrentRequests: 2, maxQueueDelayMs: 0 });
    for (const url of ['/a', '/b', '/c', '/health/live', '/metrics']) take(by, url);
    await turn();
    assert.deepEqual(begun, ['/a', '/b', '/health/live', '/metrics']);
    assert.deepEqual(refused, ['/c']);
    assert.deepEqual([...reasons], ['concurrency']);
    for (const end of finish) end();
    await turn();
    assert.equal(by.underWay, 0);
    take(by, '/d');
    await turn();
    assert.ok(begun.includes('/d'));
  });

  it('begins only what fits into the bound once turns go on taking longer', async () => {
    const by = admission({ maxConcurrentRequests: 0, maxQueueDelayMs: 100 });
    for (let index = 0; index < 3; index += 1) await turnOf(by, 400, 400);
    assert.equal(begun.length, 2 * 400 + 100);
    assert.equal(refused.length, 300);
    assert.deepEqual([...reasons], ['queue-delay']);
    begun = [];
    await turnOf(by, 50, 400);
    assert.equal(begun.length, 400);
  });

  it('never begins less than a few, and watches over no turn in which nobody waited', async () => {
    const by = admission({ maxConcurrentRequests: 0, maxQueueDelayMs: 100 });
    for (let index = 0; index < 6; index += 1) await turnOf(by, 60_000, 100);
    begun = [];
    await turnOf(by, 60_000, 100);
    assert.equal(begun.length, 16);
    refused = [];
    for (let index = 0; index < 6; index += 1) {
      await turn();
      await turn();
      await turnOf(by, 60_000, 20);
    }
    assert.deepEqual(refused, []);
  });

  it('begins everything after one long turn', async () => {
    const by = admission({ maxConcurrentRequests: 0, maxQueueDelayMs: 100 });
    await turnOf(by, 10, 50);
    await turnOf(by, 5_000, 50);
    await turnOf(by, 10, 50);
    assert.deepEqual(refused, []);
  });
});
