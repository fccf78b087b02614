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
- !user bob
- !host machine
- !layer machines
- !group inner
- !group outer
- !group { id: both, owner: !user alice }
- !grant { role: !group inner, member: !user alice }
- !grant { role: !group outer, member: !group inner }
- !grant { role: !layer machines, member: !host machine }
- !grant { role: !group both, members: [ !user alice, !host machine ] }
- !permit { role: !user bob, privilege: read, resource: !group inner }
`;

interface Membership {
  readonly role: string;
  readonly member: string;
  readonly ownership: boolean;
}

describeScenarios('GET /roles/:account/:kind/*id', (on) => {
  let admin: Session;
  let bob: Session;
  before(async () => {
    await on.world.load(policy);
    ({ admin } = on.world);
    bob = await on.world.as('bob');
  });

  const path = (role: string, query = ''): string => `/roles/cucumber/${role}${query}`;
  const root = 'cucumber:policy:root';
  const memberIds = async (role: string, query: string): Promise<readonly string[]> =>
    ((await getJson(admin, path(role, query))) as readonly Membership[]).map(({ member }) =>
      member.slice('cucumber:'.length),
    );
  const heldIds = async (role: string, query: string): Promise<readonly string[]> =>
    ((await getJson(admin, path(role, query))) as readonly Membership[]).map(({ role: held }) =>
      held.slice('cucumber:'.length),
    );

  it('shows the role with its members, in the order of Conjur', async () => {
    const { text } = await admin.send('GET', path('group/inner'));
    const shown = JSON.parse(text) as { readonly created_at: string };
    assert.match(shown.created_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00$/);
    const members = ['user:admin', 'user:alice'].map((member) => ({
      admin_option: member === 'user:admin',
      ownership: member === 'user:admin',
      role: 'cucumber:group:inner',
      member: `cucumber:${member}`,
      policy: root,
    }));
    assert.equal(
      text,
      JSON.stringify({
        created_at: shown.created_at,
        id: 'cucumber:group:inner',
        policy: root,
        members,
      }),
    );
  });

  it('shows ownership as a membership, without a policy where none defined it', async () => {
    const { members } = (await getJson(admin, path('policy/root'))) as { readonly members: unknown };
    assert.deepEqual(members, [
      { admin_option: true, ownership: true, role: root, member: 'cucumber:user:admin' },
    ]);
  });

  it('shows an owner who is also a member twice', async () => {
    const rows = (await getJson(admin, path('group/both', '?members'))) as readonly Membership[];
    assert.deepEqual(
      rows.map(({ member, ownership }) => [member, ownership]),
      [
        ['cucumber:host:machine', false],
        ['cucumber:user:alice', true],
        ['cucumber:user:alice', false],
      ],
    );
  });

  it('answers HEAD with the status of GET and nothing else', async () => {
    for (const [role, status] of [
      ['group/inner', 200],
      ['group/none', 404],
    ] as const) {
      const answer = await admin.send('HEAD', path(role));
      assert.deepEqual([answer.status, answer.text], [status, '']);
    }
  });

  it('is not found, in every form, where the resource of its name is missing or invisible', async () => {
    for (const role of ['group/none', 'group/outer']) {
      for (const query of ['', '?members', '?memberships', '?all', '?graph', '?members&limit=abc']) {
        const answer = await bob.send('GET', path(role, query));
        assert.equal(answer.status, 404, query);
        assert.deepEqual(answer.json(), notFoundBody(`cucumber:${role.replace('/', ':')}`));
      }
    }
    assert.equal((await bob.send('GET', '/roles/elsewhere/group/inner')).status, 404);
    assert.equal((await bob.send('GET', path('group/inner'))).status, 200);
  });

  it('has no route for kinds that are no roles', async () => {
    for (const kind of ['variable', 'webservice', 'nothing'])
      assertEmpty(await admin.send('GET', path(`${kind}/x`)), 404);
  });

  it('takes the first of graph, all, memberships and members that is there', async () => {
    const keys = async (query: string): Promise<unknown> => {
      const [first] = (await getJson(admin, path('group/inner', query))) as readonly unknown[];
      return typeof first === 'string' ? 'id' : Object.keys(first ?? {})[0];
    };
    assert.equal(await keys('?members=x&memberships=x&all=x&graph=false'), 'parent');
    assert.equal(await keys('?members=x&memberships=x&all=false'), 'id');
    assert.deepEqual(await heldIds('group/inner', '?members&memberships'), ['group:outer']);
    assert.deepEqual(await memberIds('group/inner', '/?members'), ['user:admin', 'user:alice']);
  });

  describe('?all', () => {
    it('lists what is held through others, itself included', async () => {
      assert.deepEqual(await getJson(admin, path('user/alice', '?all')), [
        'cucumber:group:both',
        'cucumber:group:inner',
        'cucumber:group:outer',
        'cucumber:user:alice',
      ]);
    });

    it('leaves out what a filter does not name; names that mean nothing do not count', async () => {
      for (const filter of [
        'filter=group:outer',
        'filter=cucumber:group:outer',
        'filter[]=group:outer&filter[]=group:none&filter[]=host:machine',
      ]) {
        assert.deepEqual(await getJson(admin, path('user/alice', `?all&${filter}`)), [
          'cucumber:group:outer',
        ]);
      }
      assert.deepEqual(await getJson(admin, path('user/alice', '?all&filter=group:none')), []);
    });

    it('refuses a filter without a kind', async () => {
      const answer = await admin.send('GET', path('user/alice', '?all&filter=outer'));
      assertError(answer, 422, 'argument_error', 'Expected at least 2 tokens in outer');
    });

    it('counts, whatever the value of count', async () => {
      for (const count of ['count', 'count=true', 'count=false']) {
        assert.deepEqual(await getJson(admin, path('user/alice', `?all&${count}`)), { count: 4 });
      }
      assert.deepEqual(await getJson(admin, path('user/alice', '?all&count&filter=group:outer')), {
        count: 1,
      });
    });
  });

  describe('?memberships', () => {
    it('lists what is held directly', async () => {
      assert.deepEqual(await heldIds('host/machine', '?memberships'), ['group:both', 'layer:machines']);
    });

    it('takes kind, search and filter for the role that is held', async () => {
      assert.deepEqual(await heldIds('host/machine', '?memberships&kind=layer'), ['layer:machines']);
      assert.deepEqual(await heldIds('host/machine', '?memberships&kind[]=layer&kind[]=user'), [
        'layer:machines',
      ]);
      assert.deepEqual(await heldIds('host/machine', '?memberships&search=machine'), ['layer:machines']);
      assert.deepEqual(await heldIds('host/machine', '?memberships&filter=group:both'), ['group:both']);
      assert.deepEqual(await getJson(admin, path('host/machine', '?memberships&count')), { count: 2 });
    });

    it('has no pages', async () => {
      assert.equal((await heldIds('host/machine', '?memberships&limit=1&offset=1')).length, 2);
    });
  });

  describe('?members', () => {
    before(() =>
      on.world.load(
        `${policy}\n- !group crowd\n${Array.from({ length: 12 }, (_, index) => `- !group m${String(index)}\n- !grant { role: !group crowd, member: !group m${String(index)} }\n`).join('')}`,
      ),
    );

    it('lists all without a limit, and 10 from an offset', async () => {
      const all = await memberIds('group/crowd', '?members');
      assert.equal(all.length, 13);
      assert.deepEqual(all, [...all].sort());
      assert.deepEqual(await memberIds('group/crowd', '?members&offset=2'), all.slice(2, 12));
      assert.deepEqual(await memberIds('group/crowd', '?members&offset=2&limit=100'), all.slice(2));
      assert.deepEqual(await memberIds('group/crowd', '?members&limit=2'), all.slice(0, 2));
    });

    it('counts by the presence of count, whatever the limit', async () => {
      for (const query of ['count', 'count=false', 'count=true&limit=abc', 'count&limit=2&offset=9']) {
        assert.deepEqual(await getJson(admin, path('group/crowd', `?members&${query}`)), { count: 13 });
      }
      assert.deepEqual(await getJson(admin, path('group/crowd', '?members&count&kind=user')), { count: 1 });
    });

    it('answers a bad limit or offset with 500, and says in the audit record what is wrong', async () => {
      for (const [query, reason] of [
        ['limit=0', 'Limits must be greater than or equal to 1'],
        ['limit=-1', 'Limits must be greater than or equal to 1'],
        ['offset=-1', 'Offsets must be greater than or equal to 0'],
      ] as const) {
        const records = await on.world.recordsOf(async () => {
          assertEmpty(await admin.send('GET', path('group/crowd', `?members&${query}`)), 500);
        });
        assert.ok(records[0]?.endsWith(`: ${reason}`), records[0]);
      }
    });

    it('searches the words of the members', async () => {
      assert.deepEqual(await memberIds('group/crowd', '?members&search=m3'), ['group:m3']);
      assert.deepEqual(await memberIds('group/crowd', '?members&search='), []);
    });
  });

  describe('?graph', () => {
    it('has above a role all that it holds, with everybody who holds those directly', async () => {
      const edges = (await getJson(admin, path('group/inner', '?graph'))) as readonly {
        readonly parent: string;
        readonly child: string;
      }[];
      assert.deepEqual(
        edges.map(({ parent, child }) => [parent, child].map((id) => id.slice('cucumber:'.length)).join(' ')),
        [
          'group:inner user:admin',
          'group:inner user:alice',
          'group:outer group:inner',
          'group:outer user:admin',
          'user:alice user:admin',
        ],
      );
    });
  });
});
