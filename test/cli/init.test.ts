import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer as createHttpsServer } from 'node:https';
import type { Server } from 'node:http';
import { join } from 'node:path';
import { createCertificateAuthority } from '../support/certificates.ts';
import { adminKey, fakeService, tokenFor } from './fake-service.ts';
import type { TestServer } from './support.ts';
import { TestHome, serve } from './support.ts';

describe('init', () => {
  let server: TestServer;
  let home: TestHome;
  let file: string;

  beforeEach(async () => {
    server = await serve(fakeService().handler);
    home = new TestHome();
    file = join(home.configFolder, 'client.yml');
  });

  afterEach(async () => {
    await server.close();
    home.remove();
  });

  it('writes server and account for the commands that follow', async () => {
    const run = await home.run(['init', '-u', `${server.url}/`, '-a', 'acme']);
    assert.equal(run.code, 0, run.stderr);
    assert.equal(run.stdout, `Server ${server.url} (version 1.24.0-1), account acme: written to ${file}\n`);
    assert.equal(readFileSync(file, 'utf8'), `appliance_url: ${server.url}\naccount: acme\n`);
    assert.equal((await home.run(['login', '-i', 'admin', '-p', adminKey])).code, 0);
    assert.equal((await home.run(['whoami'])).code, 0);
  });

  it('asks the server what it is, without credentials', async () => {
    const env = {
      CONJUR_APPLIANCE_URL: server.url,
      CONJUR_ACCOUNT: 'acme',
      CONJUR_AUTHN_TOKEN: tokenFor('alice'),
    };
    const run = await home.run(['init', '--output', 'json'], { env });
    assert.deepEqual(JSON.parse(run.stdout), {
      url: server.url,
      account: 'acme',
      server_version: '1.24.0-1',
      file,
    });
    const [request] = server.seen;
    assert.deepEqual([request?.target, request?.headers.accept], ['/', 'application/json']);
    assert.equal(request?.headers.authorization, undefined);
  });

  it('writes nothing when the server cannot be reached or is another one', async () => {
    const page = await serve((_request, response) => response.end('<html>hello</html>'));
    const moved = await serve((_request, response) => response.writeHead(301, { location: '/x' }).end());
    const [unlike, redirected] = [page.url, moved.url];
    const other = await home.run(['init', '-u', unlike, '-a', 'acme']);
    assert.deepEqual([other.code, /is not of the expected form/.test(other.stderr)], [1, true]);
    const redirect = await home.run(['init', '-u', redirected, '-a', 'acme']);
    assert.deepEqual([redirect.code, /301 .*is not followed/.test(redirect.stderr)], [1, true]);
    await page.close();
    await moved.close();
    assert.equal((await home.run(['init', '-u', unlike, '-a', 'acme'])).code, 4);
    assert.ok(!existsSync(file));
  });

  it('wants a URL that it can use, and an account', async () => {
    assert.match((await home.run(['init', '-a', 'acme'])).stderr, /Name it with --url/);
    assert.match((await home.run(['init', '-u', server.url])).stderr, /Name it with --account/);
    for (const url of ['vault', 'ftp://a', 'http://u:hunter2@127.0.0.1/', 'http://127.0.0.1/?q', '']) {
      const run = await home.run(['init', '-u', url, '-a', 'acme']);
      assert.equal(run.code, 2, url);
      assert.ok(!run.stderr.includes('hunter2'));
    }
  });

  it('refuses plain http to another machine unless that is asked for', async () => {
    const args = ['init', '-u', 'http://vault.invalid', '-a', 'acme'];
    const run = await home.run(args);
    assert.equal(run.code, 2);
    assert.match(run.stderr, /plain http: .*--insecure/);
    assert.equal((await home.run([...args, '--insecure'])).code, 4);
    const env = {
      LATCHKEY_URL: 'http://vault.invalid',
      LATCHKEY_ACCOUNT: 'acme',
      CONJUR_AUTHN_TOKEN: tokenFor('a'),
    };
    assert.equal((await home.run(['whoami'], { env })).code, 2);
    assert.equal((await home.run(['whoami'], { env: { ...env, LATCHKEY_INSECURE: 'true' } })).code, 4);
    mkdirSync(home.configFolder, { recursive: true });
    writeFileSync(file, 'appliance_url: http://vault.invalid\naccount: acme\ninsecure: true\n');
    assert.equal((await home.run(['whoami'], { env: { CONJUR_AUTHN_TOKEN: tokenFor('a') } })).code, 4);
  });

  it('keeps the CA that the commands then trust', async () => {
    const authority = createCertificateAuthority();
    const make = (): Server => createHttpsServer(authority.issue());
    const secured = await serve(fakeService().handler, make);
    const url = secured.url.replace('http', 'https');
    const ca = join(home.path, 'ca.pem');
    writeFileSync(ca, authority.cert);
    try {
      assert.equal((await home.run(['init', '-u', url, '-a', 'acme'])).code, 4);
      assert.equal(
        (await home.run(['init', '-u', url, '-a', 'acme', '--ca-cert', ca, '--self-signed'])).code,
        0,
      );
      assert.match(readFileSync(file, 'utf8'), new RegExp(`cert_file: ${ca}`));
      const env = { CONJUR_AUTHN_TOKEN: tokenFor('alice') };
      assert.equal((await home.run(['whoami'], { env })).code, 0);
      const place = {
        LATCHKEY_URL: url,
        LATCHKEY_ACCOUNT: 'acme',
        CONJUR_CERT_FILE: ca,
        HOME: '/nonexistent',
      };
      assert.equal((await home.run(['whoami'], { env: { ...env, ...place } })).code, 0);
    } finally {
      await secured.close();
    }
  });

  it('fetches no certificate from the server itself', async () => {
    const run = await home.run(['init', '-u', 'https://127.0.0.1:1', '-a', 'acme', '--self-signed']);
    assert.equal(run.code, 2);
    assert.match(run.stderr, /proves nothing.*--ca-cert/);
    const bad = join(home.path, 'bad.pem');
    writeFileSync(bad, 'not a certificate');
    const other = await home.run(['init', '-u', server.url, '-a', 'acme', '--ca-cert', bad]);
    assert.deepEqual([other.code, /no certificate in PEM form/.test(other.stderr)], [2, true]);
  });
});

describe('settings of the client', () => {
  it('are asked for when there are none, and refused when they are damaged', async () => {
    const home = new TestHome();
    try {
      const none = await home.run(['whoami']);
      assert.deepEqual([none.code, /no server is known\. Run: latchkey init/.test(none.stderr)], [2, true]);
      const half = await home.run(['whoami'], { env: { LATCHKEY_URL: 'https://127.0.0.1' } });
      assert.deepEqual([half.code, /no account is known/.test(half.stderr)], [2, true]);
      mkdirSync(home.configFolder, { recursive: true });
      for (const text of ['appliance_url: [', 'appliance_url: 1', '- x', '']) {
        writeFileSync(join(home.configFolder, 'client.yml'), text);
        const run = await home.run(['whoami']);
        assert.deepEqual([run.code, /client\.yml is damaged/.test(run.stderr)], [5, true], text);
      }
    } finally {
      home.remove();
    }
  });
});
