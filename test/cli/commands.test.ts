import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FakeService } from './fake-service.ts';
import { adminKey, fakeService, hostKey, rotatedKey, tokenFor } from './fake-service.ts';
import type { TestServer } from './support.ts';
import { TestHome, serve } from './support.ts';

describe('commands', () => {
  let service: FakeService;
  let server: TestServer;
  let home: TestHome;
  let env: Record<string, string>;

  beforeEach(async () => {
    service = fakeService();
    server = await serve(service.handler);
    home = new TestHome();
    env = {
      LATCHKEY_URL: server.url,
      LATCHKEY_ACCOUNT: 'acme',
      LATCHKEY_AUTHN_LOGIN: 'admin',
      LATCHKEY_AUTHN_API_KEY: adminKey,
    };
  });

  afterEach(async () => {
    await server.close();
    home.remove();
  });

  function lastTarget(): string {
    const last = server.seen.at(-1);
    return `${last?.method ?? ''} ${last?.target ?? ''}`;
  }

  describe('variable set', () => {
    it('stores a value from an option, a file or standard input, byte for byte', async () => {
      const run = await home.run(['variable', 'set', '-i', 'app/db pass+%', '-v', ' päss '], { env });
      assert.deepEqual([run.code, run.stdout], [0, 'Value added\n'], run.stderr);
      assert.equal(lastTarget(), 'POST /secrets/acme/variable/app%2Fdb%20pass%2B%25');
      assert.equal(service.values.get('app/db pass+%')?.toString(), ' päss ');

      const bytes = Buffer.from([0, 255, 254, 10, 13, 0, 10]);
      const file = join(home.path, 'value');
      writeFileSync(file, bytes);
      await home.run(['variable', 'set', '-i', 'a', '-f', file], { env });
      assert.deepEqual(service.values.get('a'), bytes);
      await home.run(['variable', 'set', '-i', 'b'], { env, input: bytes });
      assert.deepEqual(service.values.get('b'), bytes);
      const json = await home.run(['variable', 'set', '-i', 'c', '-f', '-', '--output', 'json'], {
        env,
        input: bytes,
      });
      assert.deepEqual(service.values.get('c'), bytes);
      assert.deepEqual(JSON.parse(json.stdout), { id: 'c' });
    });

    it('remarks on a newline that echo may have added, and stores it', async () => {
      const run = await home.run(['variable', 'set', '-i', 'a'], { env, input: 'hunter2\n' });
      assert.equal(run.code, 0);
      assert.match(run.stderr, /the newline at the end of the input is part of the value/);
      assert.ok(!run.stderr.includes('hunter2'));
      assert.equal(service.values.get('a')?.toString(), 'hunter2\n');
      const lines = await home.run(['variable', 'set', '-i', 'a'], { env, input: 'two\nlines\n' });
      assert.equal(lines.stderr, '');
    });

    it('asks for the value at a terminal and shows nothing of it', async () => {
      const run = await home.runAtTerminal(['variable', 'set', '-i', 'a'], 'hunter2\n', env);
      assert.deepEqual([run.code, run.stderr], [0, 'Value of a: \n']);
      assert.equal(service.values.get('a')?.toString(), 'hunter2');
    });

    it('takes a full id of the account for the same variable', async () => {
      await home.run(['variable', 'set', '-i', 'acme:variable:a/b', '-v', 'x'], { env });
      assert.equal(service.values.get('a/b')?.toString(), 'x');
    });

    it('says what the role lacks when it may not', async () => {
      const auth = { ...env, LATCHKEY_AUTHN_TOKEN: tokenFor('alice') };
      const run = await home.run(['variable', 'set', '-i', 'a', '-v', 'hunter2'], { env: auth });
      assert.equal(run.code, 1);
      assert.match(
        run.stderr,
        /^latchkey: cannot set variable a: .*403 Forbidden\. Your role lacks the privilege/,
      );
      assert.ok(!run.stderr.includes('hunter2'));
    });

    it('wants one source of the value, one that can be read', async () => {
      const both = await home.run(['variable', 'set', '-i', 'a', '-v', 'hunter2', '-f', 'x'], { env });
      assert.equal(both.code, 2);
      assert.ok(!both.stderr.includes('hunter2'));
      const missing = await home.run(['variable', 'set', '-i', 'a', '-f', join(home.path, 'gone')], { env });
      assert.deepEqual([missing.code, /there is no such file/.test(missing.stderr)], [2, true]);
      const folder = await home.run(['variable', 'set', '-i', 'a', '-f', home.path], { env });
      assert.deepEqual([folder.code, /it is a folder/.test(folder.stderr)], [2, true]);
      assert.ok(!server.seen.some(({ target }) => target.startsWith('/secrets')));
    });

    it('refuses an id that a URL would take for a step', async () => {
      const run = await home.run(['variable', 'set', '-i', '..', '-v', 'x'], { env });
      assert.equal(run.code, 2);
      assert.ok(!server.seen.some(({ target }) => target.startsWith('/secrets')));
    });
  });

  describe('variable get', () => {
    it('prints exactly the value, and at a terminal a newline after it', async () => {
      const bytes = Buffer.from([0, 255, 10, 65]);
      service.values.set('a/b', bytes);
      const run = await home.run(['variable', 'get', '-i', 'a/b'], { env });
      assert.deepEqual([run.code, run.stdoutBytes], [0, bytes]);
      assert.equal(lastTarget(), 'GET /secrets/acme/variable/a%2Fb');
      const typed = await home.runAtTerminal(['variable', 'get', '-i', 'a/b'], '', env);
      assert.deepEqual(typed.stdoutBytes, Buffer.concat([bytes, Buffer.from('\n')]));
    });

    it('prints several as JSON in the order asked for, each once', async () => {
      service.values.set('b', Buffer.from('two ⚿'));
      service.values.set('a', Buffer.from('x'.repeat(200)));
      const expected = JSON.stringify({ b: 'two ⚿', a: 'x'.repeat(200) }, undefined, 2);
      for (const ids of [
        ['-i', 'b,a'],
        ['-i', 'b', 'a'],
        ['-i', 'b', '-i', 'a', '-i', 'b'],
      ]) {
        const run = await home.run(['variable', 'get', ...ids], { env });
        assert.equal(run.stdout, `${expected}\n`, run.stderr);
      }
      assert.equal(server.seen.filter(({ target }) => target.endsWith('/authenticate')).length, 3);
      const one = await home.run(['variable', 'get', '-i', 'b', '--output', 'json'], { env });
      assert.deepEqual(JSON.parse(one.stdout), { b: 'two ⚿' });
    });

    it('asks for the version that is named', async () => {
      service.values.set('a', Buffer.from('x'));
      for (const flag of ['-v', '--version']) {
        assert.equal((await home.run(['variable', 'get', '-i', 'a', flag, '2'], { env })).stdout, 'x');
        assert.equal(lastTarget(), 'GET /secrets/acme/variable/a?version=2');
      }
      const several = await home.run(['variable', 'get', '-i', 'a', 'a', '-v', '2', '--output', 'json'], {
        env,
      });
      assert.deepEqual(JSON.parse(several.stdout), { a: 'x' });
      assert.equal((await home.run(['variable', 'get', '-i', 'a', '-v', 'two'], { env })).code, 2);
      const gone = await home.run(['variable', 'get', '-i', 'a', '-v', '9'], { env });
      assert.equal(gone.code, 1);
    });

    it('says what the server says when there is none, with and without company', async () => {
      service.values.set('b', Buffer.from('x'));
      for (const ids of ['a', 'b,a']) {
        const run = await home.run(['variable', 'get', '-i', ids], { env });
        assert.deepEqual([run.code, run.stdout], [1, '']);
        assert.match(
          run.stderr,
          /404 Not Found\. It says: CONJ00076E Variable acme:variable:a is empty or not found\./,
        );
      }
      assert.equal((await home.run(['variable', 'get', '-i', ','], { env })).code, 2);
    });

    it('does not put into JSON what is not text', async () => {
      service.values.set('a', Buffer.from([255]));
      const run = await home.run(['variable', 'get', '-i', 'a', '--output', 'json'], { env });
      assert.equal(run.code, 1);
      assert.match(run.stderr, /the value of a is not text/);
    });
  });

  describe('policy', () => {
    it('loads by the method of its mode and prints created roles and version', async () => {
      const file = join(home.path, 'p.yml');
      writeFileSync(file, '- !host app/one\n');
      for (const [mode, method, done] of [
        ['load', 'POST', 'Loaded'],
        ['update', 'PATCH', 'Updated'],
        ['replace', 'PUT', 'Replaced'],
      ] as const) {
        const run = await home.run(['policy', mode, '-b', 'dev/app', '-f', file], { env });
        assert.equal(run.code, 0, run.stderr);
        assert.deepEqual(JSON.parse(run.stdout), {
          created_roles: { 'acme:host:app/one': { id: 'acme:host:app/one', api_key: hostKey } },
          version: 3,
        });
        assert.equal(run.stderr, `${done} policy dev/app\n`);
        assert.equal(lastTarget(), `${method} /policies/acme/policy/dev%2Fapp`);
        assert.equal(server.seen.at(-1)?.body.toString(), '- !host app/one\n');
      }
    });

    it('reads standard input for -', async () => {
      const run = await home.run(['policy', 'load', '-b', 'root', '-f', '-'], {
        env,
        input: '- !user bob\n',
      });
      assert.equal(run.code, 0, run.stderr);
      assert.equal(server.seen.at(-1)?.body.toString(), '- !user bob\n');
    });

    it("shows the server's reason when the policy is refused", async () => {
      const run = await home.run(['policy', 'load', '-b', 'root', '-f', '-'], { env, input: '- !bad x\n' });
      assert.equal(run.code, 1);
      assert.match(run.stderr, /422 .*It says: Error at line 1, column 3 in policy : no such tag/);
      assert.equal(run.stdout, '');
    });

    it('wants branch and file', async () => {
      const run = await home.run(['policy', 'replace'], { env });
      assert.equal(run.code, 2);
      assert.match(run.stderr, /latchkey policy replace needs -b, --branch <id> and -f, --file <file>/);
    });
  });

  describe('user and host', () => {
    it("rotate another role's API key with an access token and print the new one", async () => {
      const run = await home.run(['user', 'rotate-api-key', '-i', 'bob'], { env });
      assert.deepEqual([run.code, run.stdout], [0, `${rotatedKey}\n`], run.stderr);
      assert.equal(lastTarget(), 'PUT /authn/acme/api_key?role=acme%3Auser%3Abob');
      assert.match(server.seen.at(-1)?.headers.authorization ?? '', /^Token /);
      const host = await home.run(['host', 'rotate-api-key', '-i', 'app/one', '--output', 'json'], { env });
      assert.deepEqual(JSON.parse(host.stdout), { id: 'app/one', api_key: rotatedKey });
      assert.equal(lastTarget(), 'PUT /authn/acme/api_key?role=acme%3Ahost%3Aapp%2Fone');
    });

    it('rotate their own API key with the old one and keep the new one', async () => {
      const { LATCHKEY_URL = '' } = env;
      const place = { LATCHKEY_URL, LATCHKEY_ACCOUNT: 'acme' };
      for (const [kind, login, key] of [
        ['user', 'admin', adminKey],
        ['host', 'host/app/one', hostKey],
      ] as const) {
        await home.run(['login', '-i', login, '--password-stdin'], { env: place, input: key });
        const run = await home.run([kind, 'rotate-api-key'], { env: place });
        assert.deepEqual([run.code, run.stdout, run.stderr], [0, `${rotatedKey}\n`, '']);
        assert.equal(lastTarget(), 'PUT /authn/acme/api_key');
        assert.ok(readFileSync(home.credentials, 'utf8').includes(rotatedKey));
        assert.equal((await home.run(['whoami'], { env: place })).code, 0);
      }
    });

    it('remark that the environment still has the old API key', async () => {
      const run = await home.run(['user', 'rotate-api-key', '-i', 'admin'], { env });
      assert.equal(run.code, 0);
      assert.match(run.stderr, /the environment still holds the old API key/);
    });

    it('want an id where the one that is logged in is of the other kind', async () => {
      const run = await home.run(['host', 'rotate-api-key'], { env });
      assert.equal(run.code, 2);
      assert.match(run.stderr, /no host is logged in/);
    });

    it('change the password with the API key, from standard input or a prompt', async () => {
      const args = ['user', 'change-password'];
      const run = await home.run([...args, '--password-stdin'], { env, input: 'New-Password-22\n' });
      assert.deepEqual([run.code, run.stdout], [0, 'Password changed\n'], run.stderr);
      const last = server.seen.at(-1);
      assert.equal(last?.body.toString(), 'New-Password-22');
      assert.match(last.headers.authorization ?? '', /^Basic /);
      const typed = await home.runAtTerminal(args, 'New-Password-33\r', env);
      assert.equal(typed.code, 0);
      assert.ok(!typed.stderr.includes('New-Password-33'));
      const weak = await home.run([...args, '-p', 'short'], { env });
      assert.equal(weak.code, 1);
      assert.match(weak.stderr, /It says: password CONJ00046E too weak/);
    });
  });

  describe('authenticator', () => {
    it('is enabled and disabled with a form', async () => {
      const on = await home.run(['authenticator', 'enable', '-i', 'authn-oidc/okta'], { env });
      assert.deepEqual([on.code, on.stdout], [0, 'Authenticator authn-oidc/okta is enabled\n'], on.stderr);
      assert.equal(lastTarget(), 'PATCH /authn-oidc/okta/acme');
      assert.equal(server.seen.at(-1)?.body.toString(), 'enabled=true');
      const off = await home.run(['authenticator', 'disable', '-i', 'authn-oidc/okta', '--output', 'json'], {
        env,
      });
      assert.deepEqual(JSON.parse(off.stdout), { id: 'authn-oidc/okta', enabled: false });
      assert.equal(server.seen.at(-1)?.body.toString(), 'enabled=false');
    });

    it('that is not defined is said to be so', async () => {
      const run = await home.run(['authenticator', 'enable', '-i', 'authn-oidc/none'], { env });
      assert.equal(run.code, 1);
      assert.match(run.stderr, /There is no policy conjur\/authn-oidc\/none with a webservice/);
      for (const id of ['okta', 'authn-oidc/', '/okta']) {
        assert.equal((await home.run(['authenticator', 'enable', '-i', id], { env })).code, 2, id);
      }
    });

    it('is checked, and a fault is the reason for failing', async () => {
      const good = await home.run(['authenticator', 'status', '-i', 'authn-oidc/okta'], { env });
      assert.deepEqual([good.code, good.stdout], [0, 'Authenticator authn-oidc/okta is in order\n']);
      assert.equal(lastTarget(), 'GET /authn-oidc/okta/acme/status');
      const bad = await home.run(['authenticator', 'status', '-i', 'authn-oidc/none', '--output', 'json'], {
        env,
      });
      assert.equal(bad.code, 1);
      assert.equal((JSON.parse(bad.stdout) as Record<string, unknown>)['status'], 'error');
      assert.match(bad.stderr, /is not in order: .*CONJ00004E not enabled/);
    });
  });
});
