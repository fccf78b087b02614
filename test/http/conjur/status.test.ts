import assert from 'node:assert/strict';
import { send, signIn } from '../../support/client.ts';
import { startTestService, type TestService } from '../../support/service.ts';

describe('what the service says of itself', () => {
  let service: TestService;

  before(async () => {
    service = await startTestService();
  });
  after(() => service.stop());

  it('answers GET / in JSON to who asks for that first, with a version that clients take', async () => {
    for (const accept of ['application/json', 'application/json, text/html']) {
      const answer = await send(`${service.url}/`, 'GET', { headers: { accept } });
      assert.equal(answer.status, 200);
      const [major = 0, minor = 0] = (answer.json() as { version: string }).version.split('.').map(Number);
      assert.ok(major > 1 || minor >= 24);
    }
  });

  it('answers GET / with a page to everybody else', async () => {
    for (const accept of ['*/*', 'text/html,application/xhtml+xml,*/*;q=0.8']) {
      const answer = await send(`${service.url}/`, 'GET', { headers: { accept } });
      assert.match(answer.headers.get('content-type') ?? '', /^text\/html/);
      assert.match(answer.text, /is running!/);
    }
  });

  it('answers HEAD like GET, without a body', async () => {
    const answer = await send(`${service.url}/`, 'HEAD');
    assert.equal(answer.status, 200);
    assert.equal(answer.text, '');
  });

  it('tells a caller who it is', async () => {
    const admin = await signIn(service);
    const answer = await admin.send('GET', '/whoami', undefined, {
      'user-agent': 'test',
      'x-forwarded-for': '203.0.113.5',
    });
    const body = answer.json() as Record<string, string>;
    assert.equal(body['client_ip'], '203.0.113.5');
    assert.equal(body['user_agent'], 'test');
    assert.match(body['token_issued_at'] ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000\+00:00$/);
  });

  it('echoes the request id, freed of what does not belong in one', async () => {
    const answer = await send(service.url, 'GET', { headers: { 'x-request-id': 'a b/c-1@x' } });
    assert.equal(answer.headers.get('x-request-id'), 'abc-1@x');
    assert.match((await send(service.url, 'GET')).headers.get('x-request-id') ?? '', /^[0-9a-f-]{36}$/);
  });

  it('sends the headers that keep answers out of caches and frames', async () => {
    const { headers } = await send(service.url, 'GET');
    assert.equal(headers.get('cache-control'), 'no-store');
    assert.equal(headers.get('x-content-type-options'), 'nosniff');
    assert.equal(headers.get('x-frame-options'), 'DENY');
    assert.match(headers.get('content-security-policy') ?? '', /default-src 'none'/);
  });

  it('says that it is alive and ready', async () => {
    for (const path of ['/health/live', '/health/ready']) {
      const answer = await send(service.url + path, 'GET');
      assert.equal(answer.status, 200);
      assert.deepEqual(answer.json(), { status: 'ok' });
    }
  });

  it('words 422 as RFC 9110 does', async () => {
    const admin = await signIn(service);
    const response = await fetch(`${service.url}/secrets/${service.account}/variable/x?version=a`, {
      headers: { authorization: `Token token="${Buffer.from(admin.token).toString('base64')}"` },
    });
    assert.equal(response.status, 422);
    assert.equal(response.statusText, 'Unprocessable Content');
  });

  it('survives paths that do not decode', async () => {
    const admin = await signIn(service);
    for (const path of [
      '/secrets/acct/variable/%',
      '/secrets/acct/variable/%ff',
      '/secrets/%00/variable/x',
      '/secrets/acct/variable/a%00b',
    ]) {
      assert.equal((await admin.send('GET', path)).status, 404, path);
    }
  });
});
