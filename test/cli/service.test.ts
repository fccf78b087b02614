/** The commands against the real home.service, as their users run them. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { load, signIn } from '../support/client.ts';
import { AdminHome } from './admin-home.ts';

const policy = `
- !policy
  id: app
  annotations:
    description: production payments
  body:
    - !variable password
    - !variable token
    - !group readers
    - !layer machines
    - !permit { role: !group readers, privileges: [read, execute], resource: !variable password }
    - !host-factory { id: enrolment, layers: [!layer machines] }
- !user
  id: alice
  public_keys: [ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB0 alice@laptop]
- !grant { role: !group app/readers, member: !user alice }
`;

describe('the command line and the service', () => {
  let home: AdminHome;
  let aliceEnv: Record<string, string>;

  before(async () => {
    home = await AdminHome.start();
    const { created_roles: roles } = await load(await signIn(home.service), policy);
    const apiKey = roles['acct:user:alice']?.api_key ?? '';
    aliceEnv = { ...home.env, LATCHKEY_AUTHN_LOGIN: 'alice', LATCHKEY_AUTHN_API_KEY: apiKey };
  });

  after(async () => {
    await home.close();
  });

  async function done(args: readonly string[], as = home.env): Promise<string> {
    return home.done(args, { env: as });
  }

  async function json(args: readonly string[], as = home.env): Promise<unknown> {
    return JSON.parse(await done(args, as));
  }

  describe('list', () => {
    it('prints the ids of what the role may see', async () => {
      assert.deepEqual(await json(['list'], aliceEnv), ['acct:variable:app/password']);
    });

    it('filters by kind and words, skips, limits and counts', async () => {
      const variables = ['acct:variable:app/password', 'acct:variable:app/token'];
      assert.deepEqual(await json(['list', '-k', 'variable']), variables);
      assert.deepEqual(await json(['list', '-k', 'variable', '-l', '1', '-o', '1']), [variables[1]]);
      assert.deepEqual(await json(['list', '-s', 'payments']), ['acct:policy:app']);
      assert.deepEqual(await json(['list', '-k', 'variable', '-c']), { count: 2 });
    });

    it('shows each resource, and what a role that one holds may see', async () => {
      const [found] = (await json(['list', '-i', '-r', 'group:app/readers'], aliceEnv)) as readonly {
        readonly id: string;
        readonly owner: string;
      }[];
      assert.deepEqual([found?.id, found?.owner], ['acct:variable:app/password', 'acct:policy:app']);
    });

    it('says that a role must be held to be asked for', async () => {
      const run = await home.run(['list', '-r', 'user:admin'], { env: aliceEnv });
      assert.equal(run.code, 1);
      assert.match(run.stderr, /roles that you hold/);
    });
  });

  describe('resource and role', () => {
    it('say what exists for the one who asks', async () => {
      assert.equal(await done(['resource', 'exists', 'variable:app/token']), 'true\n');
      assert.equal(await done(['resource', 'exists', 'variable:app/token'], aliceEnv), 'false\n');
      assert.equal(await done(['role', 'exists', 'acct:group:app/readers']), 'true\n');
      assert.deepEqual(await json(['role', 'exists', 'user:nobody', '--output', 'json']), { exists: false });
    });

    it('show themselves as JSON', async () => {
      const resource = (await json(['resource', 'show', 'policy:app'])) as { readonly annotations: unknown };
      assert.deepEqual(resource.annotations, [
        { name: 'description', value: 'production payments', policy: 'acct:policy:root' },
      ]);
      const role = (await json(['role', 'show', 'group:app/readers'])) as { readonly members: unknown[] };
      assert.equal(role.members.length, 2);
    });

    it('tell who holds a privilege, members and memberships', async () => {
      const roles = ['acct:group:app/readers', 'acct:policy:app', 'acct:user:admin'];
      assert.deepEqual(await json(['resource', 'permitted-roles', 'variable:app/password', 'execute']), [
        ...roles,
        'acct:user:alice',
      ]);
      assert.deepEqual(await json(['role', 'members', 'group:app/readers']), [
        'acct:policy:app',
        'acct:user:alice',
      ]);
      const verbose = (await json(['role', 'members', '-v', 'group:app/readers'])) as readonly {
        readonly ownership: boolean;
      }[];
      assert.deepEqual(
        verbose.map(({ ownership }) => ownership),
        [true, false],
      );
      assert.deepEqual(await json(['role', 'memberships', 'user:alice']), [
        'acct:group:app/readers',
        'acct:user:alice',
      ]);
    });

    it('refuse what is no id', async () => {
      for (const id of ['password', 'nosuchkind:x', 'variable:', ':variable:x']) {
        const run = await home.run(['resource', 'show', id]);
        assert.deepEqual([run.code, /ACCOUNT:variable/.test(run.stderr)], [2, true], id);
      }
    });
  });

  describe('check', () => {
    it('says yes and no, of oneself and of a role that one holds', async () => {
      const variable = 'variable:app/password';
      assert.equal(await done(['check', variable, 'execute'], aliceEnv), 'true\n');
      assert.equal(await done(['check', variable, 'update'], aliceEnv), 'false\n');
      assert.equal(await done(['check', variable, 'read', '-r', 'user:alice']), 'true\n');
      assert.deepEqual(await json(['check', variable, 'update', '--output', 'json'], aliceEnv), {
        allowed: false,
      });
    });

    it('does not take a resource that is not there for a no', async () => {
      const run = await home.run(['check', 'variable:nosuch', 'read']);
      assert.equal(run.code, 1);
      assert.match(run.stderr, /Variable 'nosuch' not found/);
    });

    it('wants a privilege', async () => {
      const run = await home.run(['check', 'variable:app/password']);
      assert.deepEqual([run.code, /an argument is missing/.test(run.stderr)], [2, true]);
    });
  });

  describe('pubkeys', () => {
    it('prints the keys of a user to anybody, and an empty line of nobody', async () => {
      const nobody = { LATCHKEY_URL: home.service.url, LATCHKEY_ACCOUNT: home.service.account };
      const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB0 alice@laptop';
      assert.equal(await done(['pubkeys', 'alice'], nobody), `${key}\n`);
      assert.equal(await done(['pubkeys', 'nobody'], nobody), '\n');
      assert.deepEqual(await json(['pubkeys', 'alice', '--output', 'json'], nobody), [key]);
    });
  });

  describe('policy', () => {
    it('shows with --dry-run what would change, and changes nothing', async () => {
      const file = join(home.path, 'more.yml');
      writeFileSync(file, '- !variable more\n');
      const shown = (await json(['policy', 'load', '-b', 'app', '-f', file, '--dry-run'])) as {
        readonly status: string;
        readonly created: { readonly items: readonly { readonly identifier: string }[] };
      };
      assert.equal(shown.status, 'Valid YAML');
      assert.deepEqual(
        shown.created.items.map(({ identifier }) => identifier),
        ['acct:variable:app/more'],
      );
      assert.equal(await done(['resource', 'exists', 'variable:app/more']), 'false\n');
    });

    it('shows with --dry-run what is wrong, and ends with 1', async () => {
      const file = join(home.path, 'bad.yml');
      writeFileSync(file, '- !nosuchtag x\n');
      const run = await home.run(['policy', 'update', '-b', 'app', '-f', file, '--dry-run']);
      assert.equal(run.code, 1);
      assert.equal((JSON.parse(run.stdout) as { readonly status: string }).status, 'Invalid YAML');
    });

    it('fetches a policy as YAML, as JSON and into a file', async () => {
      const yaml = await done(['policy', 'fetch', '-b', 'app']);
      assert.match(yaml, /!policy/);
      assert.match(yaml, /!variable password/);
      const document = (await json([
        'policy',
        'fetch',
        '-b',
        'app',
        '--output',
        'json',
      ])) as readonly object[];
      assert.deepEqual(Object.keys(document[0] ?? {}), ['policy']);
      const file = join(home.path, 'app.yml');
      await done(['policy', 'fetch', '-b', 'app', '-f', file]);
      assert.equal(readFileSync(file, 'utf8'), yaml);
    });

    it('says what the limits of a fetch are, and who may fetch', async () => {
      const run = await home.run(['policy', 'fetch', '-b', 'app', '-D', '65']);
      assert.match(run.stderr, /depth is 0 to 64/);
      const denied = await home.run(['policy', 'fetch', '-b', 'app'], { env: aliceEnv });
      assert.equal(denied.code, 1);
    });
  });

  describe('hostfactory', () => {
    it('makes tokens, makes hosts with them, and revokes them', async () => {
      const tokens = (await json([
        ...['hostfactory', 'tokens', 'create', '-i', 'app/enrolment', '-n', '2', '--duration', '1h30m'],
        ...['-c', '127.0.0.0/8,10.0.0.0/8'],
      ])) as readonly { readonly token: string; readonly cidr: unknown }[];
      assert.deepEqual(
        tokens.map(({ cidr }) => cidr),
        [
          ['127.0.0.0/8', '10.0.0.0/8'],
          ['127.0.0.0/8', '10.0.0.0/8'],
        ],
      );
      const token = tokens[0]?.token ?? '';
      const nobody = { LATCHKEY_URL: home.service.url, LATCHKEY_ACCOUNT: home.service.account };
      const host = (await json(['hostfactory', 'hosts', 'create', '-i', 'web-1', '-t', token], nobody)) as {
        readonly id: string;
        readonly api_key: string;
      };
      assert.equal(host.id, 'acct:host:web-1');
      await signIn(home.service, 'host/web-1', host.api_key);

      assert.equal(await done(['hostfactory', 'tokens', 'revoke', '-t', token]), 'Token revoked\n');
      const refused = await home.run(['hostfactory', 'hosts', 'create', '-i', 'web-2', '-t', token], {
        env: nobody,
      });
      assert.equal(refused.code, 1);
      assert.match(refused.stderr, /unknown, expired or revoked/);
      const again = await home.run(['hostfactory', 'tokens', 'revoke', '-t', token]);
      assert.equal(again.code, 1);
      assert.ok(!`${refused.stderr}${again.stderr}`.includes(token), 'a token shows in a message');
    });

    it('wants a duration and a token that can be', async () => {
      const bad = ['hostfactory', 'tokens', 'create', '-i', 'app/enrolment', '--duration', 'soon'];
      assert.equal((await home.run(bad)).code, 2);
      const host = ['hostfactory', 'hosts', 'create', '-i', 'x', '-t', 'not a token'];
      assert.equal((await home.run(host)).code, 2);
    });
  });

  describe('authenticator', () => {
    it('makes an authenticator, lists, shows, enables and deletes it', async () => {
      await load(await signIn(home.service), '- !policy conjur/authn-jwt\n');
      const file = join(home.path, 'ci.json');
      const data = { jwks_uri: 'https://ci.example.com/keys', issuer: 'https://ci.example.com' };
      writeFileSync(file, JSON.stringify({ type: 'jwt', name: 'ci', enabled: false, data }));
      await done(['authenticator', 'create', '-f', file]);
      const shown = (await json(['authenticator', 'show', '-i', 'authn-jwt/ci'])) as Record<string, unknown>;
      assert.deepEqual([shown['name'], shown['enabled'], shown['data']], ['ci', false, data]);
      await done(['authenticator', 'enable', '-i', 'authn-jwt/ci']);
      const listed = (await json(['authenticator', 'list', '-t', 'jwt'])) as readonly {
        readonly enabled: boolean;
      }[];
      assert.deepEqual(
        listed.map(({ enabled }) => enabled),
        [true],
      );
      await done(['authenticator', 'delete', '-i', 'authn-jwt/ci']);
      assert.deepEqual(await json(['authenticator', 'list']), []);
    });

    it('says what is wrong in the words of the server', async () => {
      const run = await home.run(['authenticator', 'show', '-i', 'authn-jwt/nosuch']);
      assert.equal(run.code, 1);
      assert.match(run.stderr, /nosuch not found/);
    });
  });

  describe('host rotate-api-key', () => {
    it('rotates the key of a host, given short or in full', async () => {
      await load(await signIn(home.service), '- !host job\n');
      for (const id of ['job', 'host:job', 'acct:host:job']) {
        const stdout = await done(['host', 'rotate-api-key', '-i', id]);
        await signIn(home.service, 'host/job', stdout.trim());
      }
    });
  });

  describe('completion', () => {
    it('prints a script for each shell, and what may follow', async () => {
      for (const shell of ['bash', 'zsh', 'fish']) {
        const run = await home.spawn(['completion', shell]);
        assert.equal(run.code, 0, run.stderr);
        assert.match(run.stdout, /latchkey/);
      }
      const run = await home.spawn(['complete', '--', 'hostfactory', 'tokens', '']);
      assert.match(run.stdout, /^create\b/m);
      assert.match(run.stdout, /^revoke\b/m);
    });
  });
});
