/** More people who sign in by password at a time than passwords can be checked. */
import assert from 'node:assert/strict';
import { basicHeader, send, signIn, type Answer } from '../../support/client.ts';
import { startTestService, type TestService } from '../../support/service.ts';

describe('more logins by password than can be checked', () => {
  const password = 'The-Password-1-of-Admin';
  let service: TestService;

  before(async () => {
    service = await startTestService({ LATCHKEY_ADMIN_PASSWORD: password, LATCHKEY_MAX_QUEUE_DELAY: '100' });
  });
  after(() => service.stop());

  const login = (): Promise<Answer> =>
    send(`${service.url}/authn/acct/login`, 'GET', { headers: basicHeader('admin', password) });

  it('are answered in their turn, or soon told to come back; API keys and tokens go on', async () => {
    const admin = await signIn(service);
    const flood = Promise.all(Array.from({ length: 60 }, login));
    const others = await Promise.all([signIn(service), admin.send('GET', '/whoami')]);
    assert.equal(others[1].status, 200);
    const answers = await flood;
    const served = answers.filter(({ status }) => status === 200);
    const refused = answers.filter(({ status }) => status === 503);
    assert.ok(served.length > 0 && refused.length > 0);
    assert.equal(served.length + refused.length, answers.length);
    for (const { headers, text } of served) {
      assert.equal(text, service.adminKey);
      assert.equal(headers.get('retry-after'), null);
    }
    for (const { headers } of refused) assert.equal(headers.get('retry-after'), '1');
    const records = (await service.auditLines()).filter((line) => line.includes('operation="login"'));
    assert.equal(records.filter((line) => line.includes('The service is busy')).length, refused.length);
    assert.equal((await login()).status, 200);
  });
});
