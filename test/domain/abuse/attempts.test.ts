import assert from 'node:assert/strict';
import { Attempts, type AttemptLimits } from '../../../src/domain/abuse/attempts.ts';
import { isFailure, LatchkeyError } from '../../../src/domain/errors.ts';
import { toAccount } from '../../../src/domain/ids.ts';
import { openLmdbStore } from '../../../src/drivers/lmdb/store.ts';
import type { EphemeralStore } from '../../../src/ports/ephemeral-store.ts';
import type { Store } from '../../../src/ports/store.ts';
import { defaultAttemptLimits } from '../../support/attempts.ts';
import { temporaryDirectory } from '../../support/temp.ts';

const account = toAccount('acct');

type Outcome = 'right' | 'by api key' | LatchkeyError;

describe('the limits of failed attempts', () => {
  const folder = temporaryDirectory();
  let store: Store;
  let calls = 0;
  let now = 1_000;
  let attempts: Attempts;

  const counting = (inner: EphemeralStore): EphemeralStore =>
    new Proxy(inner, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]): unknown => {
          calls += 1;
          return Reflect.apply(value, target, args);
        };
      },
    });

  /** As another process has them: with a memory of its own. */
  const another = (limits: Partial<AttemptLimits> = {}): Attempts =>
    new Attempts(
      { ephemeral: counting(store.ephemeral), clock: { now: () => now } },
      { ...defaultAttemptLimits, ...limits },
    );

  before(async () => {
    store = await openLmdbStore({ directory: folder.path });
    attempts = another();
  });

  after(async () => {
    await store.close();
    folder.remove();
  });

  async function codeOf(act: Promise<string>): Promise<string> {
    try {
      return await act;
    } catch (error) {
      if (!isFailure(error)) throw error;
      return error.code;
    }
  }

  const attempted = (name: string, clientIp: string) => ({
    request: { requestId: 'r', clientIp },
    account,
    name,
  });

  const attempt = (name: string, clientIp: string, outcome: Outcome, by = attempts): Promise<string> =>
    codeOf(
      by.byPassword(attempted(name, clientIp), async (gate) => {
        await gate.admit();
        if (outcome === 'by api key') return outcome;
        return gate.tryPassword(async () => {
          if (outcome === 'right') return outcome;
          throw outcome;
        });
      }),
    );

  const fail = (name: string, clientIp: string, by = attempts): Promise<string> =>
    attempt(name, clientIp, new LatchkeyError('CREDENTIALS_INVALID'), by);

  async function failTimes(times: number, each: (index: number) => Promise<string>): Promise<void> {
    for (let index = 0; index < times; index += 1) assert.equal(await each(index), 'CREDENTIALS_INVALID');
  }

  describe('by password', () => {
    it('let ten failures of a role from an address pass, and nothing after them', async () => {
      await failTimes(9, () => fail('one', '10.0.0.1'));
      assert.equal(await attempt('one', '10.0.0.1', 'right'), 'right');
      await failTimes(1, () => fail('one', '10.0.0.1'));
      assert.equal(await attempt('one', '10.0.0.1', 'right'), 'ATTEMPTS_EXCEEDED');
      assert.equal(await attempt('one', '10.0.0.2', 'right'), 'right');
      assert.equal(await attempt('other', '10.0.0.1', 'right'), 'right');
    });

    it('refuse an API key where the passwords failed, and nowhere else', async () => {
      await failTimes(10, () => fail('keyed', '10.0.2.1'));
      await failTimes(90, (index) => fail('keyed', `10.13.${String(index)}.1`));
      assert.equal(await attempt('keyed', '10.0.2.2', 'right'), 'ATTEMPTS_EXCEEDED');
      assert.equal(await attempt('keyed', '10.0.2.2', 'by api key'), 'by api key');
      assert.equal(await attempt('keyed', '10.0.2.1', 'by api key'), 'ATTEMPTS_EXCEEDED');
    });

    it('let a hundred failures from an address pass, whoever they name', async () => {
      await failTimes(100, (index) => fail(`user${String(index)}`, '10.0.1.1'));
      assert.equal(await attempt('somebody', '10.0.1.1', 'right'), 'ATTEMPTS_EXCEEDED');
      assert.equal(await attempt('somebody', '10.0.1.2', 'right'), 'right');
    });

    it('do not hold others of an address back who signed in from there before', async () => {
      assert.equal(await attempt('neighbour', '10.0.3.1', 'right'), 'right');
      await failTimes(100, (index) => fail(`user${String(index)}`, '10.0.3.1'));
      assert.equal(await attempt('stranger', '10.0.3.1', 'right'), 'ATTEMPTS_EXCEEDED');
      assert.equal(await attempt('neighbour', '10.0.3.1', 'right'), 'right');
      assert.equal(await attempt('neighbour', '10.0.3.1', 'right', another()), 'right');
    });

    it('let a hundred failures of a user pass, and then none but those from where the user is known', async () => {
      assert.equal(await attempt('two', '10.2.9.9', 'right'), 'right');
      await failTimes(100, (index) => fail('two', `10.2.0.${String(index)}`));
      assert.equal(await attempt('two', '10.2.1.1', 'right'), 'ATTEMPTS_EXCEEDED');
      for (const process of [attempts, another()]) {
        assert.equal(await fail('two', '10.2.9.9', process), 'CREDENTIALS_INVALID');
        assert.equal(await attempt('two', '10.2.9.9', 'right', process), 'right');
      }
    });

    it('hold a known address to its own ten', async () => {
      assert.equal(await attempt('known', '10.2.9.8', 'right'), 'right');
      await failTimes(10, () => fail('known', '10.2.9.8'));
      assert.equal(await attempt('known', '10.2.9.8', 'right'), 'ATTEMPTS_EXCEEDED');
    });

    it('let nobody lock a host out from other addresses: it has no password', async () => {
      await failTimes(100, (index) => fail('host/app', `10.3.0.${String(index)}`));
      assert.equal(await attempt('host/app', '10.3.1.1', 'right'), 'right');
    });

    it('take a network of IPv6 for one address, and a mapped address for the one of IPv4', async () => {
      await failTimes(10, (index) => fail('six', `2001:db8::${index.toString(16)}`));
      assert.equal(await attempt('six', '2001:db8::ffff', 'right'), 'ATTEMPTS_EXCEEDED');
      assert.equal(await attempt('six', '2001:db8:0:1::1', 'right'), 'right');
      await failTimes(10, (index) => fail('mapped', index < 5 ? '10.4.0.1' : '::ffff:10.4.0.1'));
      assert.equal(await attempt('mapped', '10.4.0.1', 'right'), 'ATTEMPTS_EXCEEDED');
    });

    it('count nothing but what is wrong with the proof', async () => {
      for (let index = 0; index < 20; index += 1) {
        const failure = new LatchkeyError('STORE_UNAVAILABLE');
        assert.equal(await attempt('three', '10.5.0.1', failure), 'STORE_UNAVAILABLE');
      }
      assert.equal(await attempt('three', '10.5.0.1', 'right'), 'right');
    });

    it('tell nobody which of the attempts at the same time was right', async () => {
      let release: () => void = () => undefined;
      const held = new Promise<void>((resolve) => (release = resolve));
      const late = [true, false].map((right) =>
        codeOf(
          attempts.byPassword(attempted('late', '10.8.0.1'), async (gate) => {
            await gate.admit();
            return gate.tryPassword(async () => {
              await held;
              if (right) return 'right';
              throw new LatchkeyError('CREDENTIALS_INVALID');
            });
          }),
        ),
      );
      await new Promise((resolve) => setImmediate(resolve));
      await failTimes(10, () => fail('late', '10.8.0.1'));
      release();
      assert.deepEqual(await Promise.all(late), ['ATTEMPTS_EXCEEDED', 'ATTEMPTS_EXCEEDED']);
    });

    it('count the names of one role together', async () => {
      await failTimes(10, (index) => fail(index < 5 ? 'seven' : 'user/seven', '10.9.0.1'));
      assert.equal(await attempt('seven', '10.9.0.1', 'right'), 'ATTEMPTS_EXCEEDED');
      assert.equal(await attempt('user/seven/more', '10.9.0.1', 'right'), 'right');
    });

    it('hold in all processes, and tell how long', async () => {
      now = 50_000;
      await failTimes(10, () => fail('shared', '10.10.0.1'));
      now = 51_500;
      const refused = another().byPassword(attempted('shared', '10.10.0.1'), async (gate) => {
        await gate.admit();
        return 'right';
      });
      await assert.rejects(
        refused,
        (error) => isFailure(error, 'ATTEMPTS_EXCEEDED') && error.retryAfterSeconds === 299,
      );
    });

    it('refuse a flood without asking the store', async () => {
      await failTimes(10, () => fail('flooded', '10.11.0.1'));
      calls = 0;
      for (let index = 0; index < 100; index += 1) {
        assert.equal(await fail('flooded', '10.11.0.1'), 'ATTEMPTS_EXCEEDED');
      }
      assert.equal(calls, 0);
    });

    it('can be switched off', async () => {
      const off = another({ maxFailuresPerRoleAndAddress: 0 });
      await failTimes(30, () => fail('off', '10.12.0.1', off));
    });
  });

  describe('by what cannot be guessed', () => {
    const present = (name: string, clientIp: string, outcome: Outcome, by = attempts): Promise<string> =>
      codeOf(
        by.byToken(attempted(name, clientIp), async () => {
          if (outcome instanceof LatchkeyError) throw outcome;
          return outcome;
        }),
      );
    const wrong = new LatchkeyError('ID_TOKEN_SIGNATURE_INVALID');

    it('answer wrong ones otherwise after a hundred, and right ones always', async () => {
      for (let index = 0; index < 100; index += 1) {
        assert.equal(await present('authn-jwt/a', '10.20.0.1', wrong), wrong.code);
      }
      assert.equal(await present('authn-jwt/a', '10.20.0.1', wrong), 'ATTEMPTS_EXCEEDED');
      assert.equal(await present('authn-jwt/a', '10.20.0.1', 'right'), 'right');
      assert.equal(await present('authn-jwt/a', '10.20.0.2', wrong), wrong.code);
      assert.equal(await present('authn-jwt/b', '10.20.0.1', wrong), wrong.code);
      assert.equal(await present('authn-jwt/a', '10.20.0.1', wrong, another()), 'ATTEMPTS_EXCEEDED');
    });

    it('let a thousand pass from one address', async () => {
      const tight = another({ maxFailuresPerAddress: 3 });
      for (let index = 0; index < 30; index += 1) {
        assert.equal(await present(`authn-jwt/${String(index)}`, '10.21.0.1', wrong, tight), wrong.code);
      }
      assert.equal(await present('authn-jwt/more', '10.21.0.1', wrong, tight), 'ATTEMPTS_EXCEEDED');
    });

    it('cost a success nothing, and a flood of failures neither', async () => {
      calls = 0;
      assert.equal(await present('authn-jwt/c', '10.22.0.1', 'right'), 'right');
      assert.equal(calls, 0);
      for (let index = 0; index < 101; index += 1) await present('authn-jwt/c', '10.22.0.1', wrong);
      calls = 0;
      for (let index = 0; index < 100; index += 1) {
        assert.equal(await present('authn-jwt/c', '10.22.0.1', wrong), 'ATTEMPTS_EXCEEDED');
      }
      assert.equal(calls, 0);
    });

    it('do not count what the service or an issuer lacks', async () => {
      const failure = new LatchkeyError('ISSUER_UNREACHABLE');
      calls = 0;
      for (let index = 0; index < 110; index += 1) {
        assert.equal(await present('authn-oidc/d', '10.23.0.1', failure), failure.code);
      }
      assert.equal(calls, 0);
    });

    it('do not add to those of passwords', async () => {
      for (let index = 0; index < 20; index += 1) await present('eve', '10.24.0.1', wrong);
      assert.equal(await attempt('eve', '10.24.0.1', 'right'), 'right');
    });
  });
});
