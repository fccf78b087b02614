import assert from 'node:assert/strict';
import { basicHeader, load, send, type Answer } from '../../support/client.ts';
import { signIn } from '../../support/client.ts';
import { startTestService, type TestService } from '../../support/service.ts';

describe("failing to authenticate too often (Conjur's API)", () => {
  let service: TestService;
  let aliceKey = '';
  const password = 'Alice-And-Her-Password-1';

  before(async () => {
    service = await startTestService();
    const admin = await signIn(service);
    const { created_roles: created } = await load(admin, '- !user alice\n- !host app');
    aliceKey = created['acct:user:alice']?.api_key ?? '';
    const changed = await send(`${service.url}/authn/acct/password`, 'PUT', {
      headers: basicHeader('alice', aliceKey),
      body: password,
    });
    assert.equal(changed.status, 204);
  });
  after(() => service.stop());

  const from = (address: string) => ({ 'x-forwarded-for': address });

  const login = (name: string, secret: string, address: string): Promise<Answer> =>
    send(`${service.url}/authn/acct/login`, 'GET', {
      headers: { ...basicHeader(name, secret), ...from(address) },
    });

  const authenticate = (name: string, secret: string, address: string): Promise<Answer> =>
    send(`${service.url}/authn/acct/${encodeURIComponent(name)}/authenticate`, 'POST', {
      headers: from(address),
      body: secret,
    });

  function assertLimited(answer: Answer): void {
    assert.equal(answer.status, 429);
    const seconds = Number(answer.headers.get('retry-after'));
    assert.ok(seconds >= 1 && seconds <= 300);
    assert.deepEqual(answer.json(), {
      error: {
        code: 'attempts_exceeded',
        message: 'Too many attempts have failed; try again in a few minutes',
      },
    });
  }

  it('is answered with 429 at the login, the same for a right password and for no such role', async () => {
    for (const name of ['alice', 'nobody']) {
      for (let index = 0; index < 10; index += 1) {
        assert.equal((await login(name, `wrong-${String(index)}`, '203.0.113.1')).status, 401);
      }
      assertLimited(await login(name, 'wrong', '203.0.113.1'));
    }
    assertLimited(await login('alice', password, '203.0.113.1'));
    assert.equal((await login('alice', password, '203.0.113.2')).text, aliceKey);
    const [record] = (await service.auditLines())
      .filter((line) => line.includes('Too many attempts'))
      .slice(-1);
    assert.ok(record?.includes('203.0.113.2') === false && record.includes('203.0.113.1'));
  });

  it('keeps out nobody whose API key is right', async () => {
    for (let index = 0; index < 100; index += 1) {
      assert.equal((await authenticate('alice', 'wrong', '203.0.113.9')).status, 401);
    }
    assertLimited(await authenticate('alice', 'wrong', '203.0.113.9'));
    assert.equal((await authenticate('alice', aliceKey, '203.0.113.9')).status, 200);
  });

  it('is told of tokens of host factories, too', async () => {
    const create = (): Promise<Answer> =>
      send(`${service.url}/host_factories/hosts`, 'POST', {
        headers: { authorization: 'Token token="wrong"', ...from('203.0.113.20') },
        body: new URLSearchParams({ id: 'new' }).toString(),
      });
    for (let index = 0; index < 100; index += 1) assert.equal((await create()).status, 401);
    assertLimited(await create());
  });

  it('is of no consequence to as many as succeed at one address', async () => {
    const answers = await Promise.all(
      Array.from({ length: 300 }, () => authenticate('alice', aliceKey, '203.0.113.30')),
    );
    assert.ok(answers.every(({ status }) => status === 200));
  });
});
