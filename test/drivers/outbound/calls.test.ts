import assert from 'node:assert/strict';
import { Calls } from '../../../src/drivers/outbound/calls.ts';
import { fails } from '../issuer/fixture.ts';

/** A call that ends when the test says so, or when it is given up. */
function heldCall(): {
  readonly call: (signal: AbortSignal) => Promise<string>;
  readonly started: () => boolean;
  readonly finish: () => void;
} {
  let started = false;
  let finish = (): void => undefined;
  const finished = new Promise<string>((resolve) => {
    finish = () => {
      resolve('done');
    };
  });
  const call = (signal: AbortSignal): Promise<string> => {
    started = true;
    const givenUp = new Promise<never>((_resolve, reject) => {
      signal.addEventListener('abort', () => {
        reject(signal.reason as Error);
      });
    });
    return Promise.race([finished, givenUp]);
  };
  return {
    call,
    started: () => started,
    finish: () => {
      finish();
    },
  };
}

/** Lets everything that can go on go on. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

describe('calls to issuers', () => {
  it('run at once up to the limit, the others in the order of their arrival', async () => {
    const calls = new Calls({ maxConcurrentFetches: 2, totalTimeoutMs: 60_000 });
    const held = [heldCall(), heldCall(), heldCall(), heldCall()] as const;
    const running = held.map(({ call }) => calls.run(call));
    const started = (): readonly boolean[] => held.map((one) => one.started());
    await turn();
    assert.deepEqual(started(), [true, true, false, false]);
    held[1].finish();
    await running[1];
    await turn();
    assert.deepEqual(started(), [true, true, true, false]);
    held[0].finish();
    held[2].finish();
    await Promise.all([running[0], running[2]]);
    await turn();
    assert.deepEqual(started(), [true, true, true, true]);
    held[3].finish();
    assert.deepEqual(await Promise.all(running), ['done', 'done', 'done', 'done']);
    const again = [heldCall(), heldCall(), heldCall()] as const;
    const rest = again.map(({ call }) => calls.run(call));
    await turn();
    assert.deepEqual([again[0].started(), again[1].started(), again[2].started()], [true, true, false]);
    for (const { finish } of again) finish();
    await Promise.all(rest);
  });

  it('end in time, also while they wait for their turn, and lose no turn', async () => {
    const calls = new Calls({ maxConcurrentFetches: 1, totalTimeoutMs: 20 });
    const [first, second] = [heldCall(), heldCall()];
    await Promise.all([
      fails(calls.run(first.call), 'ISSUER_TIMEOUT'),
      fails(calls.run(second.call), 'ISSUER_TIMEOUT'),
    ]);
    assert.equal(await calls.run(async () => 'again'), 'again');
  });

  it('leave turns to other places where one place has its share, in the order of their arrival', async () => {
    const calls = new Calls({ maxConcurrentFetches: 3, maxConcurrentPerPlace: 2, totalTimeoutMs: 60_000 });
    const places = ['slow', 'slow', 'slow', 'other', 'slow', 'other'];
    const held = places.map(() => heldCall());
    const running = held.map(({ call }, index) => calls.run(call, places[index]));
    const started = (): readonly boolean[] => held.map((one) => one.started());
    await turn();
    assert.deepEqual(started(), [true, true, false, true, false, false]);
    held[3]?.finish();
    await running[3];
    await turn();
    assert.deepEqual(started(), [true, true, false, true, false, true]);
    held[0]?.finish();
    await running[0];
    await turn();
    assert.deepEqual(started(), [true, true, true, true, false, true]);
    for (const { finish } of held) finish();
    await running[1];
    await Promise.all(running);
    assert.equal(await calls.run(async () => 'again', 'slow'), 'again');
  });

  it('wait in a bounded number', async () => {
    const calls = new Calls({ maxConcurrentFetches: 1, maxWaiting: 2, totalTimeoutMs: 60_000 });
    const held = [heldCall(), heldCall(), heldCall()];
    const running = held.map(({ call }) => calls.run(call));
    await fails(calls.run(heldCall().call), 'OVERLOADED');
    for (const { finish } of held) finish();
    await Promise.all(running);
    assert.equal(await calls.run(async () => 'again'), 'again');
  });

  it('pass their turn on when they fail', async () => {
    const calls = new Calls({ maxConcurrentFetches: 1, totalTimeoutMs: 60_000 });
    await assert.rejects(calls.run(() => Promise.reject(new Error('failed'))));
    assert.equal(await calls.run(async () => 'again'), 'again');
  });

  it('end when they are closed in the middle', async () => {
    const calls = new Calls({ maxConcurrentFetches: 1, totalTimeoutMs: 60_000 });
    const ended = fails(calls.run(heldCall().call), 'ISSUER_UNREACHABLE');
    await turn();
    await calls.close();
    await ended;
  });

  it('end when they are closed, and none is made afterwards', async () => {
    const calls = new Calls({ maxConcurrentFetches: 1, totalTimeoutMs: 60_000 });
    const [first, second, late] = [heldCall(), heldCall(), heldCall()];
    const ended = Promise.all([
      fails(calls.run(first.call), 'ISSUER_UNREACHABLE'),
      fails(calls.run(second.call), 'ISSUER_UNREACHABLE'),
    ]);
    await calls.close();
    await ended;
    await fails(calls.run(late.call), 'ISSUER_UNREACHABLE');
    assert.equal(late.started(), false);
  });
});
