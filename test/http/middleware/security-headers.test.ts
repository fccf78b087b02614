import assert from 'node:assert/strict';
import { secretPath, setSecret, load, signIn } from '../../support/client.ts';
import { sendRaw } from '../../support/raw-request.ts';
import { startTestService, type TestService } from '../../support/service.ts';

const always = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
};

describe('the headers of every answer', () => {
  let service: TestService;
  before(async () => {
    service = await startTestService();
  });
  after(() => service.stop());

  for (const [method, path] of [
    ['GET', '/health/live'],
    ['GET', '/nothing/here'],
    ['POST', '/secrets/acct/variable/v'],
    ['GET', '/secrets/acct/variable/v'],
    ['DELETE', '/health/live'],
    ['GET', '/v1/sys/health'],
    ['POST', '/authn/acct/admin/authenticate'],
  ] as const) {
    it(`forbid storing, sniffing, framing and referring: ${method} ${path}`, async () => {
      const { headers } = await sendRaw(service.url, method, path);
      for (const [name, value] of Object.entries(always)) assert.equal(headers[name], value, name);
      assert.ok(headers['x-request-id']);
    });
  }

  it('are those of a secret, too, and name no software', async () => {
    const admin = await signIn(service);
    await load(admin, '- !variable v');
    await setSecret(admin, 'v', 'value');
    const { headers } = await admin.send('GET', secretPath(service, 'v'));
    for (const [name, value] of Object.entries(always)) assert.equal(headers.get(name), value, name);
    for (const name of ['server', 'x-powered-by', 'via', 'x-aspnet-version']) {
      assert.equal(headers.get(name), null);
    }
  });

  const hsts = 'strict-transport-security';

  it('say nothing of HTTPS over HTTP', async () => {
    const { headers } = await sendRaw(service.url, 'GET', '/health/live');
    assert.equal(headers[hsts], undefined);
  });

  it('say so where a trusted proxy says that the client came by HTTPS', async () => {
    const sent = { 'x-forwarded-proto': 'https' };
    const { headers } = await sendRaw(service.url, 'GET', '/health/live', sent);
    assert.equal(headers[hsts], 'max-age=31536000');
    for (const other of ['http', 'https, http', 'HTTPS', '']) {
      const answer = await sendRaw(service.url, 'GET', '/health/live', { 'x-forwarded-proto': other });
      assert.equal(answer.headers[hsts], undefined, other);
    }
  });

  it('say for how long, or nothing, as it is set', async () => {
    for (const [setting, expected] of [
      ['60', 'max-age=60'],
      ['0', undefined],
    ] as const) {
      const other = await startTestService({ LATCHKEY_HSTS_MAX_AGE: setting });
      try {
        const sent = { 'x-forwarded-proto': 'https' };
        const { headers } = await sendRaw(other.url, 'GET', '/health/live', sent);
        assert.equal(headers[hsts], expected);
      } finally {
        await other.stop();
      }
    }
  });
});
