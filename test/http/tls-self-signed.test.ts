import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { get } from 'node:https';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import { TestHome } from '../cli/support.ts';
import { startTestService, type TestService } from '../support/service.ts';

interface Got {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
  readonly names: string;
}

describe('the HTTPS server with a certificate of its own', () => {
  let service: TestService;
  let certificate: string;
  let home: TestHome;

  before(async () => {
    service = await startTestService({
      LATCHKEY_TLS_SELF_SIGNED: 'true',
      LATCHKEY_TELEMETRY_ENABLED: 'true',
      LATCHKEY_PUBLIC_URL: 'https://latchkey.example:8443',
    });
    certificate = join(service.folder, 'tls-self-signed.crt');
    home = new TestHome();
  });
  after(async () => {
    home.remove();
    await service.stop();
  });

  async function read(path: string, host = '127.0.0.1'): Promise<Got> {
    const { port } = new URL(service.url);
    return new Promise((resolve, reject) => {
      get({ host, port, path, ca: readFileSync(certificate) }, (answer) => {
        const { socket } = answer;
        const names = socket instanceof TLSSocket ? (socket.getPeerCertificate().subjectaltname ?? '') : '';
        let text = '';
        answer.setEncoding('utf8').on('data', (part: string) => (text += part));
        answer.on('end', () => {
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text, names });
        });
      }).on('error', reject);
    });
  }

  it('is trusted by whoever has the certificate, under each name of this machine', async () => {
    for (const host of ['127.0.0.1', 'localhost']) {
      assert.equal((await read('/health/live', host)).status, 200, host);
    }
  });

  it('is named as it is called from outside, too', async () => {
    assert.match((await read('/health/live')).names, /DNS:latchkey\.example/);
  });

  it('does not bind the other services of its host to HTTPS', async () => {
    assert.equal((await read('/health/live')).headers['strict-transport-security'], undefined);
  });

  it('tells in the metrics when its certificate ends', async () => {
    const { text } = await read('/metrics');
    const [, end = ''] = /^latchkey_tls_certificate_not_after_seconds (\d+)$/m.exec(text) ?? [];
    assert.ok(Number(end) * 1_000 > Date.now());
  });

  it('can be what the command line is set up with', async () => {
    const args = ['init', '-u', service.url, '-a', service.account, '--ca-cert', certificate];
    assert.equal((await home.spawn(args)).code, 0);
    assert.equal((await home.spawn(args.slice(0, 5))).code, 4);
  });
});
