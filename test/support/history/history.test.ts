import assert from 'node:assert/strict';
import fc from 'fast-check';
import { History, seenSecret, seenStatus, unseen } from './history.ts';
import { shownViolation } from './operations.ts';

const ok = async (): Promise<{ status: number }> => ({ status: 201 });
const status = (code: number) => async (): Promise<{ status: number }> => ({ status: code });
const lost = async (): Promise<{ status: number }> => {
  throw new TypeError('fetch failed', { cause: Object.assign(new Error(), { code: 'ECONNRESET' }) });
};
const nobodyThere = async (): Promise<{ status: number }> => {
  throw new TypeError('fetch failed', { cause: Object.assign(new Error(), { code: 'ECONNREFUSED' }) });
};

function messages(history: History): readonly string[] {
  return history.check().map(shownViolation);
}

describe('History', () => {
  it('compares what was read with what was written', async () => {
    const history = new History();
    await history.write('secret:x', 'a', ok);
    await history.read('secret:x', async () => 'a');
    assert.deepEqual(messages(history), []);
    await history.read('secret:x', async () => undefined);
    assert.equal(history.check().length, 1);
  });

  it('takes 4xx for a refusal, and 5xx and lost connections for an unknown outcome', async () => {
    for (const [act, seen, violations] of [
      [status(409), 'a', 1],
      [status(409), undefined, 0],
      [status(503), 'a', 0],
      [status(503), undefined, 0],
      [lost, 'a', 0],
      [lost, undefined, 0],
      [nobodyThere, 'a', 1],
      [nobodyThere, undefined, 0],
    ] as const) {
      const history = new History();
      await history.write('x', 'a', act);
      await history.read('x', async () => seen);
      assert.equal(history.check().length, violations);
    }
  });

  it('takes the word of a test that knows a 503 as not applied', async () => {
    const history = new History();
    await history.write('x', 'a', status(503), () => 'refused');
    await history.read('x', async () => 'a');
    assert.equal(history.check().length, 1);
    assert.equal(history.counts().unknown, 0);
  });

  it('throws on what is a fault of the test', async () => {
    const failing = async (): Promise<never> => assert.fail('an answer that the API does not state');
    await assert.rejects(new History().write('x', 'a', failing), /does not state/);
  });

  it('concludes nothing from answers that say nothing', async () => {
    const history = new History();
    history.initially('x', 'a');
    assert.equal(await history.read('x', async () => unseen), unseen);
    await history.read('x', async () => lost().then(() => 'b'));
    assert.deepEqual(messages(history), []);
  });

  it('keeps values that the service chose, such as API keys', async () => {
    const history = new History();
    const rotate = (key: string) => async (): Promise<{ status: number; text: string }> => ({
      status: 200,
      text: key,
    });
    await history.write('key', ({ text }) => text, rotate('k1'));
    await history.read('key', async () => 'k1');
    await history.write('key', ({ text }) => text, rotate('k2'));
    await history.read('key', async () => ({ other: 'k1' }));
    assert.deepEqual(messages(history), []);
    await history.read('key', async () => 'k1');
    assert.equal(history.check().length, 1);
  });

  it('allows that a key was replaced by one that was not told', async () => {
    const history = new History();
    history.initially('key', 'k1');
    await history.write('key', () => assert.fail(), lost);
    await history.read('key', async () => 'k1');
    await history.read('key', async () => ({ other: 'k1' }));
    assert.deepEqual(messages(history), []);
    await history.read('key', async () => 'k1');
    assert.equal(history.check().length, 1);
  });

  it('reads and writes several registers with one request', async () => {
    const history = new History();
    await history.attempt({ writes: { member: true, permitted: true }, act: ok });
    await history.attempt({ act: status(200), sees: () => ({ member: true, permitted: false }) });
    assert.deepEqual(
      history.check().map(({ register }) => register),
      ['permitted'],
    );
  });

  it('lets no version have two values, nor one that was not written', async () => {
    const history = new History();
    await history.write('x', 'a', ok);
    await history.write('x', 'b', ok);
    await history.readVersion('x', 1, async () => 'a');
    await history.readVersion('x', 2, async () => 'b');
    assert.deepEqual(messages(history), []);
    await history.readVersion('x', 1, async () => 'b');
    await history.readVersion('x', 3, async () => 'z');
    assert.equal(history.check().length, 2);
  });

  it('holds versions to the order of the writes', async () => {
    const history = new History();
    await history.write('x', 'a', ok);
    await history.write('x', 'b', ok);
    await history.readVersion('x', 1, async () => 'b');
    await history.readVersion('x', 2, async () => 'a');
    assert.match(String(messages(history)), /acknowledged before/);
  });

  it('ends a doubt, and what is unknown, when all is settled', async () => {
    const history = new History();
    await history.write('x', 'a', ok);
    await history.write('y', 'a', lost);
    history.mayLose(60_000);
    await history.read('x', async () => undefined);
    history.settle();
    await history.read('y', async () => undefined);
    assert.deepEqual(messages(history), []);
    await history.read('x', async () => 'a');
    await history.read('y', async () => 'a');
    assert.equal(history.check().length, 2);
  });

  it('finds no fault with a real register, and finds one whose reads are late', async () => {
    const step = fc.record({
      client: fc.nat(3),
      value: fc.option(fc.nat(5), { nil: undefined }),
      turns: fc.nat(4),
    });
    const run = async (
      steps: readonly { value: number | undefined; turns: number; client: number }[],
      lag: number,
    ): Promise<number> => {
      const history = new History();
      const past: (number | undefined)[] = [undefined];
      const turns = async (count: number): Promise<void> => {
        for (let turn = 0; turn < count; turn += 1) await Promise.resolve();
      };
      const clients = [0, 1, 2, 3].map(async (client) => {
        for (const { value, turns: wait } of steps.filter((each) => each.client === client)) {
          if (value === undefined) {
            await history.read('x', async () => {
              await turns(wait);
              const seen = past.at(-1 - lag) ?? past[0];
              await turns(wait);
              return seen;
            });
            continue;
          }
          await history.write('x', value, async () => {
            await turns(wait);
            past.push(value);
            await turns(wait);
            return { status: 201 };
          });
        }
      });
      await Promise.all(clients);
      return history.check().length;
    };
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        assert.equal(await run(steps, 0), 0);
      }),
      { numRuns: 300, seed: 5 },
    );
    const steps = Array.from({ length: 20 }, (_, index) => ({
      client: 0,
      value: index % 2 === 0 ? index : undefined,
      turns: 1,
    }));
    assert.ok((await run(steps, 1)) > 0);
  });
});

describe('seenSecret, seenStatus', () => {
  it('reads 200 as the value, 404 as none, and anything else as nothing learnt', () => {
    assert.equal(seenSecret({ status: 200, text: 'a' }), 'a');
    assert.equal(seenSecret({ status: 404, text: '' }), undefined);
    assert.equal(seenSecret({ status: 503, text: '' }), unseen);
    assert.equal(seenStatus({ status: 404 }, { 200: true, 404: false }), false);
    assert.equal(seenStatus({ status: 500 }, { 200: true, 404: false }), unseen);
  });
});
