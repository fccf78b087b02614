/** Loads of two processes at once, on one store. */
import assert from 'node:assert/strict';
import { load, signIn, type Loaded, type Session } from '../../support/client.ts';
import { startRedis, type RedisServer } from '../../support/redis-server.ts';
import { startTestService, type TestService } from '../../support/service.ts';

describe('two processes that load to one policy', () => {
  let redis: RedisServer;
  const services: TestService[] = [];
  const sessions: Session[] = [];

  before(async () => {
    redis = await startRedis();
    for (let index = 0; index < 2; index += 1) {
      services.push(await startTestService({ LATCHKEY_STORE: redis.url }));
    }
    const adminKey = services.map((service) => service.adminKey).find((key) => key !== '');
    for (const service of services) sessions.push(await signIn(service, 'admin', adminKey));
  });

  after(async () => {
    for (const service of services) await service.stop();
    await redis.stop();
  });

  it('each apply whole or are refused with 409, and no version is given twice', async () => {
    const [first, second] = sessions;
    assert.ok(first !== undefined && second !== undefined);
    await load(first, '- !policy raced');
    const texts = Array.from(
      { length: 24 },
      (_, index) => `- !variable v${String(index)}\n- !variable w${String(index)}`,
    );
    const answers = await Promise.all(
      texts.map((text, index) =>
        (index % 2 === 0 ? first : second).send('POST', '/policies/acct/policy/raced', text),
      ),
    );
    const versions: number[] = [];
    for (const [index, answer] of answers.entries()) {
      const loaded = answer.status === 201;
      if (loaded) versions.push((answer.json() as Loaded).version);
      else {
        assert.equal(answer.status, 409, answer.text);
        assert.match(answer.headers.get('retry-after') ?? '', /^[1-8]$/);
        assert.deepEqual(answer.json(), {
          error: { code: 'policy_conflict', message: 'Concurrent policy load in progress, please retry' },
        });
      }
      for (const name of ['v', 'w']) {
        const path = `/resources/acct/variable/raced/${name}${String(index)}`;
        for (const session of sessions) {
          assert.equal((await session.send('GET', path)).status, loaded ? 200 : 404);
        }
      }
    }
    assert.ok(versions.length > 0);
    assert.deepEqual(
      versions.sort((one, other) => one - other),
      versions.map((_, index) => index + 1),
    );
  });
});
