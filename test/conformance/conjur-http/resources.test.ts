import assert from 'node:assert/strict';
import type { Session } from '../../support/client.ts';
import {
  assertEmpty,
  assertError,
  describeScenarios,
  getJson,
  notFoundBody,
} from '../../support/conjur-world.ts';

const policy = `
- !user alice
- !user { id: bob, restricted_to: [ 10.0.0.0/8, 192.168.1.1 ] }
- !host machine
- !layer one
- !layer two
- !host-factory { id: factory, layers: [ !layer two, !layer one ] }
- !group team
- !webservice { id: service, annotations: { b: "2", a: "1" } }
- !variable plain
- !policy { id: branch, body: [ !variable inner ] }
- !permit { role: !group team, privileges: [ update, read ], resource: !webservice service }
- !permit { role: !user alice, privilege: read, resource: !webservice service }
`;

interface Shown {
  readonly created_at: string;
  readonly [field: string]: unknown;
}

describeScenarios('GET /resources/:account/:kind/*id', (on) => {
  let admin: Session;
  let alice: Session;
  before(async () => {
    await on.world.load(policy);
    ({ admin } = on.world);
    alice = await on.world.as('alice');
  });

  const path = (resource: string): string => `/resources/cucumber/${resource}`;
  const show = async (resource: string): Promise<Shown> => (await getJson(admin, path(resource))) as Shown;
  const root = 'cucumber:policy:root';

  it('shows permissions by role and privilege, annotations by name, each with its policy', async () => {
    const { created_at: createdAt, ...shown } = await show('webservice/service');
    assert.match(createdAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00$/);
    const permission = (privilege: string, role: string): unknown => ({
      privilege,
      role: `cucumber:${role}`,
      policy: root,
    });
    assert.deepEqual(shown, {
      id: 'cucumber:webservice:service',
      owner: 'cucumber:user:admin',
      policy: root,
      permissions: [
        permission('read', 'group:team'),
        permission('update', 'group:team'),
        permission('read', 'user:alice'),
      ],
      annotations: [
        { name: 'a', value: '1', policy: root },
        { name: 'b', value: '2', policy: root },
      ],
    });
  });

  it('has its keys in the order of Conjur', async () => {
    assert.deepEqual(Object.keys(await show('variable/plain')), [
      'created_at',
      'id',
      'owner',
      'policy',
      'permissions',
      'annotations',
      'secrets',
    ]);
  });

  it('has no key policy where no policy defined the resource', async () => {
    for (const made of ['policy/root', 'user/admin']) assert.ok(!('policy' in (await show(made))), made);
  });

  it('shows the versions of a variable that are kept, and no value', async () => {
    assert.deepEqual((await show('variable/plain'))['secrets'], []);
    for (const value of ['first', 'second', 'third']) {
      assert.equal((await admin.send('POST', '/secrets/cucumber/variable/plain', value)).status, 201);
    }
    const { text } = await admin.send('GET', path('variable/plain'));
    assert.deepEqual(
      (JSON.parse(text) as Shown)['secrets'],
      [1, 2, 3].map((version) => ({ version, expires_at: null })),
    );
    assert.doesNotMatch(text, /first|second|third/);
  });

  it('shows the versions of a policy with their texts, ascending', async () => {
    const texts = ['- !variable x\n', '- !variable "y<&>"\n'];
    for (const text of texts) await on.world.load(text, 'POST', 'branch');
    const versions = (await show('policy/branch'))['policy_versions'] as readonly Shown[];
    assert.deepEqual(
      versions.map((version) => [version['version'], version['policy_text'], version['id'], version['role']]),
      texts.map((text, index) => [index + 1, text, 'cucumber:policy:branch', 'cucumber:user:admin']),
    );
    assert.deepEqual(Object.keys(versions[0] ?? {}), [
      'version',
      'created_at',
      'policy_text',
      'policy_sha256',
      'finished_at',
      'client_ip',
      'id',
      'role',
    ]);
    for (const version of versions) {
      assert.match(String(version['policy_sha256']), /^[0-9a-f]{64}$/);
      assert.match(String(version['finished_at']), /\.\d{3}\+00:00$/);
      assert.equal(version['client_ip'], '127.0.0.1');
    }
    assert.deepEqual((await show('policy/root'))['owner'], 'cucumber:user:admin');
  });

  it('shows where users and hosts may authenticate from', async () => {
    assert.deepEqual((await show('user/bob'))['restricted_to'], ['10.0.0.0/8', '192.168.1.1/32']);
    assert.deepEqual((await show('host/machine'))['restricted_to'], []);
  });

  it('shows the layers and tokens of a host factory', async () => {
    const shown = await show('host_factory/factory');
    assert.deepEqual(shown['layers'], ['cucumber:layer:one', 'cucumber:layer:two']);
    assert.deepEqual(shown['tokens'], []);
  });

  it('shows no such field of other kinds', async () => {
    for (const other of ['group/team', 'layer/one', 'webservice/service']) {
      const fields = Object.keys(await show(other));
      assert.deepEqual(fields.slice(-2), ['permissions', 'annotations'], other);
    }
  });

  it('shows the same in a list', async () => {
    assert.deepEqual(await getJson(admin, '/resources/cucumber/host_factory'), [
      await show('host_factory/factory'),
    ]);
    assert.deepEqual(await getJson(admin, '/resources/cucumber/variable?search=plain'), [
      await show('variable/plain'),
    ]);
  });

  it('finds the resource however its id is encoded', async () => {
    for (const form of ['branch/inner', 'branch%2Finner', 'branch//inner', 'branch/inner/']) {
      assert.equal((await admin.send('GET', path(`variable/${form}`))).status, 200, form);
    }
    assert.equal((await admin.send('GET', path('variable/branch+inner'))).status, 404);
  });

  it('answers HEAD with the status of GET and nothing else', async () => {
    assertHead(await admin.send('HEAD', path('variable/plain')), 200);
    assertHead(await admin.send('HEAD', path('variable/none')), 404);
    assertHead(await alice.send('HEAD', path('variable/plain')), 404);
  });

  function assertHead(answer: { readonly status: number; readonly text: string }, status: number): void {
    assert.deepEqual([answer.status, answer.text], [status, '']);
  }

  it('answers alike for what is missing, invisible, impossible, or of another account', async () => {
    for (const [account, id] of [
      ['cucumber', 'none'],
      ['cucumber', 'plain'],
      ['cucumber', 'a\tb'],
      ['elsewhere', 'plain'],
    ] as const) {
      const answer = await alice.send('GET', `/resources/${account}/variable/${encodeURIComponent(id)}`);
      assert.equal(answer.status, 404);
      assert.deepEqual(answer.json(), notFoundBody(`${account}:variable:${id}`));
    }
  });

  it('has no route for kinds that there are not, and for other methods', async () => {
    assertEmpty(await admin.send('GET', path('nothing/x')), 404);
    assertEmpty(await admin.send('POST', path('variable/plain')), 404);
    assertEmpty(await admin.send('DELETE', path('variable/plain')), 404);
  });

  describe('?check', () => {
    const service = path('webservice/service');

    it('answers 204 for yes, and 404 without a body for no', async () => {
      assertEmpty(await alice.send('GET', `${service}?check=true&privilege=read`), 204);
      assertEmpty(await alice.send('GET', `${service}?check=true&privilege=update`), 404);
    });

    it('asks for the caller where the role is empty', async () => {
      assertEmpty(await alice.send('GET', `${service}?check=true&privilege=read&role=`), 204);
    });

    it('goes by the presence of the key, before other keys', async () => {
      for (const query of ['check', 'check=false', 'permitted_roles=true&check=']) {
        assertEmpty(await alice.send('GET', `${service}?${query}&privilege=read`), 204);
      }
      assertEmpty(await alice.send('GET', `${service}?check=true;privilege=read`), 204);
      assertEmpty(await alice.send('GET', `${service}/?check=true&privilege=read`), 204);
    });

    it('needs a privilege, before all else', async () => {
      for (const resource of ['webservice/service', 'variable/none']) {
        const answer = await alice.send('GET', `${path(resource)}?check=true&role=cucumber:user:none`);
        assertError(answer, 422, 'argument_error', 'privilege');
      }
    });

    it('does not find what the caller may not know of, whoever is asked about', async () => {
      const answer = await alice.send('GET', `${path('variable/plain')}?check=true&privilege=read`);
      assert.equal(answer.status, 404);
      assert.deepEqual(answer.json(), notFoundBody('cucumber:variable:plain'));
    });

    it('refuses a role that the caller does not hold, before it looks for the resource', async () => {
      for (const role of ['cucumber:user:bob', 'cucumber:user:none', 'user:alice', 'nonsense']) {
        for (const resource of ['webservice/service', 'variable/none']) {
          const query = `?check=true&privilege=read&role=${role}`;
          assertEmpty(await alice.send('GET', path(resource) + query), 403);
        }
      }
    });

    it('records a check that fails, with the reason', async () => {
      const records = await on.world.recordsOf(() =>
        alice.send('GET', `${path('variable/none')}?check=true&privilege=read`),
      );
      assert.equal(records.length, 1);
      assert.match(records[0] ?? '', /^<84> check .*: Variable 'none' not found in account 'cucumber'$/);
    });

    it('answers HEAD, too', async () => {
      assertEmpty(await alice.send('HEAD', `${service}?check=true&privilege=read`), 204);
      assertHead(await alice.send('HEAD', `${service}?check=true&privilege=update`), 404);
    });
  });

  describe('?permitted_roles', () => {
    const service = path('webservice/service');

    it('lists owners and grantees, with the privilege under either name', async () => {
      const expected = ['cucumber:group:team', 'cucumber:user:admin'];
      for (const name of ['privilege', 'permission']) {
        const found = await getJson(alice, `${service}?permitted_roles=true&${name}=update`);
        assert.deepEqual(found, expected);
      }
    });

    it('needs a privilege', async () => {
      assertError(
        await alice.send('GET', `${service}?permitted_roles=true`),
        422,
        'argument_error',
        'privilege',
      );
    });

    it('does not find what the caller may not know of', async () => {
      const answer = await alice.send('GET', `${path('variable/plain')}?permitted_roles=true&privilege=read`);
      assert.equal(answer.status, 404);
      assert.deepEqual(answer.json(), notFoundBody('cucumber:variable:plain'));
    });
  });
});
