import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openLogoutDelivery } from '../../../src/drivers/outbound/logout-delivery.ts';

describe('the delivery of logout tokens', () => {
  const requests: { readonly url: string; readonly type: string; readonly body: string }[] = [];
  let statuses: number[] = [];
  let server: Server;
  let url = '';
  const delivery = openLogoutDelivery();

  before(async () => {
    server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const body = Buffer.concat(chunks).toString();
        requests.push({ url: request.url ?? '', type: request.headers['content-type'] ?? '', body });
        const status = statuses.shift() ?? 200;
        response.writeHead(status, status === 302 ? { location: '/elsewhere' } : {}).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  });
  after(() => {
    server.close();
  });
  beforeEach(() => {
    requests.length = 0;
    statuses = [];
  });

  it('posts the token as a form', async () => {
    await delivery.deliver(`${url}/told`, 'a.b.c');
    assert.deepEqual(requests, [
      { url: '/told', type: 'application/x-www-form-urlencoded', body: 'logout_token=a.b.c' },
    ]);
  });

  it('tries again when the client failed, and gives up after that', async () => {
    statuses = [500, 204];
    await delivery.deliver(`${url}/told`, 'a.b.c');
    assert.equal(requests.length, 2);
    statuses = [500, 503];
    await assert.rejects(delivery.deliver(`${url}/told`, 'a.b.c'), { code: 'LOGOUT_UNDELIVERED' });
    assert.equal(requests.length, 4);
  });

  it('does not ask again when the client refused', async () => {
    statuses = [400];
    await assert.rejects(delivery.deliver(`${url}/told`, 'a.b.c'), { code: 'LOGOUT_UNDELIVERED' });
    assert.equal(requests.length, 1);
  });

  it('follows no redirect', async () => {
    statuses = [302, 302];
    await assert.rejects(delivery.deliver(`${url}/told`, 'a.b.c'), { code: 'LOGOUT_UNDELIVERED' });
    assert.ok(requests.every(({ url: path }) => path === '/told'));
  });

  for (const uri of ['http://example.org/x', 'ftp://127.0.0.1/x', 'nonsense', 'http://169.254.169.254/x']) {
    it(`does not call ${uri}`, async () => {
      await assert.rejects(delivery.deliver(uri, 'a.b.c'), { code: 'LOGOUT_UNDELIVERED' });
    });
  }

  it('says where it failed and nothing of the token', async () => {
    statuses = [400];
    await assert.rejects(delivery.deliver(`${url}/told?secret=1`, 'a.b.c'), (failure: Error) => {
      assert.match(failure.message, /status 400/);
      assert.doesNotMatch(failure.message, /a\.b\.c|secret/);
      return true;
    });
  });
});
