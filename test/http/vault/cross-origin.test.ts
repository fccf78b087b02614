import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { createCertificateAuthority } from '../../support/certificates.ts';
import { send } from '../../support/client.ts';
import { startTestService, type TestService } from '../../support/service.ts';
import { temporaryDirectory } from '../../support/temp.ts';

describe("pages of other origins at Vault's dialect", () => {
  let service: TestService;
  const origin = { origin: 'https://app.example' };
  const provider = 'identity/oidc/provider/default';

  before(async () => {
    service = await startTestService();
  });
  after(() => service.stop());

  for (const path of ['.well-known/openid-configuration', '.well-known/keys']) {
    it(`may read ${path}, and its failures`, async () => {
      for (const name of ['default', 'missing']) {
        const url = `${service.url}/v1/identity/oidc/provider/${name}/${path}`;
        const { headers } = await send(url, 'GET', { headers: origin });
        assert.equal(headers.get('access-control-allow-origin'), '*', name);
        assert.equal(headers.get('access-control-allow-credentials'), null);
      }
    });
  }

  it('may ask before they call what relying parties call', async () => {
    for (const [path, methods] of [
      ['.well-known/openid-configuration', 'GET'],
      ['token', 'POST'],
      ['userinfo', 'GET'],
    ] as const) {
      const answer = await send(`${service.url}/v1/${provider}/${path}`, 'OPTIONS', { headers: origin });
      assert.equal(answer.status, 204, path);
      assert.equal(answer.headers.get('access-control-allow-origin'), '*');
      assert.ok(answer.headers.get('access-control-allow-methods')?.split(',').includes(methods));
      assert.match(answer.headers.get('access-control-allow-headers') ?? '', /Authorization/);
    }
  });

  it('may not manage, nor authorize', async () => {
    for (const path of [provider, `${provider}/authorize`, 'identity/oidc/client/x', 'sys/health']) {
      const asked = await send(`${service.url}/v1/${path}`, 'OPTIONS', { headers: origin });
      assert.equal(asked.status, 400, path);
      const answer = await send(`${service.url}/v1/${path}`, 'GET', { headers: origin });
      assert.equal(answer.headers.get('access-control-allow-origin'), null, path);
    }
  });
});

describe('LIST at a service over TLS', () => {
  it('is answered as at one without', async () => {
    const folder = temporaryDirectory();
    const authority = createCertificateAuthority();
    const { cert, key } = authority.issue();
    writeFileSync(join(folder.path, 'cert.pem'), cert);
    writeFileSync(join(folder.path, 'key.pem'), key, { mode: 0o600 });
    const service = await startTestService({
      LATCHKEY_TLS_CERT: join(folder.path, 'cert.pem'),
      LATCHKEY_TLS_KEY: join(folder.path, 'key.pem'),
    });
    try {
      assert.match(service.url, /^https:/);
      const answered = await new Promise<readonly [number | undefined, string]>((resolve, reject) => {
        const url = `${service.url}/v1/identity/oidc/provider`;
        const sent = request(url, { method: 'LIST', ca: authority.cert }, (response) => {
          const parts: Buffer[] = [];
          response.on('data', (part: Buffer) => parts.push(part));
          response.on('end', () => {
            resolve([response.statusCode, Buffer.concat(parts).toString()]);
          });
        });
        sent.on('error', reject).end();
      });
      assert.deepEqual(answered, [403, '{"errors":["permission denied"]}']);
    } finally {
      await service.stop();
      folder.remove();
    }
  });
});
