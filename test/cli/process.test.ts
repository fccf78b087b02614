import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { FakeService } from './fake-service.ts';
import { adminKey, adminPassword, fakeService, tokenFor } from './fake-service.ts';
import type { TestServer } from './support.ts';
import { TestHome, serve } from './support.ts';

describe('latchkey as a process', () => {
  let service: FakeService;
  let server: TestServer;
  let home: TestHome;

  beforeEach(async () => {
    service = fakeService();
    server = await serve(service.handler);
    home = new TestHome();
  });

  afterEach(async () => {
    await server.close();
    home.remove();
  });

  it('goes from init to a secret and back out', async () => {
    const bytes = Buffer.from([0, 1, 255, 10]);
    assert.equal((await home.spawn(['init', '-u', server.url, '-a', 'acme'])).code, 0);
    const login = await home.spawn(['login', '-i', 'admin', '--password-stdin'], {
      input: `${adminPassword}\n`,
    });
    assert.deepEqual([login.code, login.stderr], [0, '']);
    assert.equal(statSync(home.credentials).mode & 0o777, 0o600);
    assert.equal((await home.spawn(['variable', 'set', '-i', 'a/b'], { input: bytes })).code, 0);
    const got = await home.spawn(['variable', 'get', '-i', 'a/b']);
    assert.deepEqual([got.code, got.stdoutBytes, got.stderr], [0, bytes, '']);
    assert.equal((await home.spawn(['logout'])).code, 0);
    assert.ok(!readFileSync(home.credentials, 'utf8').includes(adminKey));
  });

  it('ends with the documented exit codes', async () => {
    const env = {
      LATCHKEY_URL: server.url,
      LATCHKEY_ACCOUNT: 'acme',
      LATCHKEY_AUTHN_TOKEN: tokenFor('alice'),
    };
    const codes = [
      await home.spawn(['whoami'], { env }),
      await home.spawn(['variable', 'set', '-i', 'a', '-v', 'x'], { env }),
      await home.spawn(['variable', 'get'], { env }),
      await home.spawn(['whoami'], { env: { ...env, LATCHKEY_AUTHN_TOKEN: '' } }),
      await home.spawn(['whoami'], { env: { ...env, LATCHKEY_URL: 'http://127.0.0.1:1' } }),
    ].map(({ code }) => code);
    assert.deepEqual(codes, [0, 1, 2, 3, 4]);
    await home.spawn(['login', '-i', 'admin', '--password-stdin'], { env, input: adminKey });
    chmodSync(home.credentials, 0o644);
    assert.equal((await home.spawn(['whoami'], { env: { ...env, LATCHKEY_AUTHN_TOKEN: '' } })).code, 5);
  });

  it('survives a reader that goes away early', async () => {
    service.values.set('big', Buffer.alloc(4 * 1024 * 1024, 'x'));
    const child = spawn(process.execPath, [mainPath, 'variable', 'get', '-i', 'big'], {
      env: { ...environment(), LATCHKEY_AUTHN_TOKEN: tokenFor('alice') },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let errors = '';
    child.stderr.on('data', (part: Buffer) => (errors += part.toString()));
    child.stdout.once('data', () => child.stdout.destroy());
    const code = await new Promise((resolve) => child.on('close', resolve));
    assert.deepEqual([code, errors], [0, '']);
  });

  function environment(): Record<string, string> {
    return {
      PATH: process.env['PATH'] ?? '',
      HOME: home.path,
      LATCHKEY_URL: server.url,
      LATCHKEY_ACCOUNT: 'acme',
    };
  }
});

const mainPath = fileURLToPath(new URL('../../src/main.js', import.meta.url));
