import assert from 'node:assert/strict';
import { request } from 'node:http';
import { load, secretPath, send, signIn, tokenHeader, type Session } from '../support/client.ts';
import { startTestService, type TestService } from '../support/service.ts';

describe('request bodies', () => {
  let service: TestService;
  let admin: Session;

  before(async () => {
    service = await startTestService({ LATCHKEY_MAX_SECRET_BYTES: '1KiB' });
    admin = await signIn(service);
    await load(admin, '- !variable v');
  });
  after(() => service.stop());

  interface Sent {
    readonly status: number;
    readonly continued: boolean;
  }

  /** Asks before it sends, and sends only if it is told to. */
  const sendExpecting = (headers: Record<string, string | number>, body: Buffer): Promise<Sent> =>
    new Promise((resolve, reject) => {
      let continued = false;
      const options = { method: 'POST', headers: { ...headers, expect: '100-continue' } };
      const outgoing = request(service.url + secretPath(service, 'v'), options, (answer) => {
        answer.resume();
        resolve({ status: answer.statusCode ?? 0, continued });
        if (!continued) outgoing.destroy();
      });
      outgoing.on('error', reject);
      outgoing.on('continue', () => {
        continued = true;
        outgoing.end(body);
      });
      outgoing.flushHeaders();
    });

  it('are asked for only once the token and the length have been looked at', async () => {
    const body = Buffer.from('value');
    const token = tokenHeader(admin.token);
    assert.deepEqual(await sendExpecting({ ...token, 'content-length': 5 }, body), {
      status: 201,
      continued: true,
    });
    assert.deepEqual(await sendExpecting({ 'content-length': 5 }, body), { status: 401, continued: false });
    assert.deepEqual(await sendExpecting({ ...token, 'content-length': 4_000 }, body), {
      status: 413,
      continued: false,
    });
  });

  it('beyond the limit are refused with an answer that arrives, announced or not', async () => {
    for (let round = 0; round < 5; round += 1) {
      const announced = await admin.send('POST', secretPath(service, 'v'), Buffer.alloc(4_000, 'x'));
      assert.equal(announced.status, 413);
      const chunks = new Blob([Buffer.alloc(300_000, 'x')]).stream();
      const streamed = await send(service.url + secretPath(service, 'v'), 'POST', {
        headers: tokenHeader(admin.token),
        body: chunks,
        duplex: 'half',
      });
      assert.equal(streamed.status, 413);
    }
  });

  it('that end in the middle are no fault of the service', async () => {
    await new Promise<void>((resolve) => {
      const headers = { ...tokenHeader(admin.token), 'content-length': 100 };
      const outgoing = request(service.url + secretPath(service, 'v'), { method: 'POST', headers });
      outgoing.on('error', () => {
        resolve();
      });
      outgoing.write('half');
      setTimeout(() => outgoing.destroy(new Error('gone')), 50);
    });
    assert.equal((await admin.send('GET', secretPath(service, 'v'))).text, 'value');
  });
});
