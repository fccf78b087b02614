/** The limits of failed attempts where processes have nothing but Redis in common, and where that is gone. */
import assert from 'node:assert/strict';
import { Attempts } from '../../../src/domain/abuse/attempts.ts';
import { isFailure, LatchkeyError } from '../../../src/domain/errors.ts';
import { toAccount } from '../../../src/domain/ids.ts';
import { openRedisStore } from '../../../src/drivers/redis/store.ts';
import type { Store } from '../../../src/ports/store.ts';
import { defaultAttemptLimits } from '../../support/attempts.ts';
import { startRedis, type RedisServer } from '../../support/redis-server.ts';

const account = toAccount('acct');
const { maxFailuresPerRoleAndAddress: most } = defaultAttemptLimits;

describe('the limits of failed attempts on Redis', function () {
  this.timeout(30_000);
  let server: RedisServer;
  const processes: { readonly store: Store; readonly attempts: Attempts }[] = [];

  before(async () => {
    server = await startRedis();
    for (let count = 0; count < 2; count += 1) {
      const store = await openRedisStore({ url: server.url, commandTimeoutMs: 500 });
      const services = { ephemeral: store.ephemeral, clock: { now: () => Date.now() } };
      processes.push({ store, attempts: new Attempts(services, defaultAttemptLimits) });
    }
  });
  after(async () => {
    for (const { store } of processes) await store.close();
    await server.stop();
  });

  async function codeOf(act: Promise<string>): Promise<string> {
    try {
      return await act;
    } catch (error) {
      if (!isFailure(error)) throw error;
      return error.code;
    }
  }

  const attempted = (name: string) => ({ request: { requestId: 'r', clientIp: '10.0.0.1' }, account, name });
  const by = (place: number): Attempts => processes[place % 2]?.attempts ?? assert.fail();

  const password = (name: string, place: number, right: boolean): Promise<string> =>
    codeOf(
      by(place).byPassword(attempted(name), async (gate) => {
        await gate.admit();
        return gate.tryPassword(async () => {
          if (right) return 'right';
          throw new LatchkeyError('CREDENTIALS_INVALID');
        });
      }),
    );
  const token = (name: string, place: number, right: boolean): Promise<string> =>
    codeOf(
      by(place).byToken(attempted(name), async () => {
        if (right) return 'right';
        throw new LatchkeyError('ID_TOKEN_SIGNATURE_INVALID');
      }),
    );

  it('count the failures of all processes together', async () => {
    for (let place = 0; place < most; place += 1)
      assert.equal(await password('shared', place, false), 'CREDENTIALS_INVALID');
    for (const place of [0, 1]) assert.equal(await password('shared', place, true), 'ATTEMPTS_EXCEEDED');
    for (let place = 0; place < 10 * most; place += 1)
      assert.equal(await token('authn-jwt/shared', place, false), 'ID_TOKEN_SIGNATURE_INVALID');
    for (const place of [0, 1]) {
      assert.equal(await token('authn-jwt/shared', place, false), 'ATTEMPTS_EXCEEDED');
      assert.equal(await token('authn-jwt/shared', place, true), 'right');
    }
  });

  it('lose no failure of many at the same time', async () => {
    const codes = await Promise.all(
      Array.from({ length: 4 * most }, (_, place) => password('at once', place, false)),
    );
    // Those that ended first were among the ten; no other may have been looked at as one of them.
    assert.equal(codes.filter((code) => code === 'CREDENTIALS_INVALID').length, most);
    assert.equal(codes.filter((code) => code === 'ATTEMPTS_EXCEEDED').length, 3 * most);
  });

  it('try no password while failures cannot be counted, and forget nothing', async () => {
    for (let place = 0; place < most; place += 1) await password('excluded', 0, false);
    for (let place = 0; place < most - 1; place += 1) await password('nearly', 0, false);
    await server.kill();
    let tried = false;
    const held = by(1).byPassword(attempted('nearly'), async (gate) => {
      await gate.admit();
      tried = true;
      return 'right';
    });
    assert.equal(await codeOf(held), 'STORE_UNAVAILABLE');
    assert.equal(tried, false);
    assert.equal(await password('excluded', 0, true), 'ATTEMPTS_EXCEEDED', 'what is known needs no store');
    assert.equal(
      await token('authn-jwt/down', 0, false),
      'STORE_UNAVAILABLE',
      'a wrong proof goes uncounted',
    );
    assert.equal(await token('authn-jwt/down', 0, true), 'right');
    await server.restart();
    while ((await token('authn-jwt/up', 1, false)) === 'STORE_UNAVAILABLE');
    while ((await token('authn-jwt/up', 0, false)) === 'STORE_UNAVAILABLE');
    assert.equal(await password('nearly', 1, false), 'CREDENTIALS_INVALID');
    assert.equal(await password('nearly', 1, true), 'ATTEMPTS_EXCEEDED');
  });
});
