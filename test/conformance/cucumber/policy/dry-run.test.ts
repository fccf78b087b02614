/** Conjur's scenarios: policy_dry_run. */
import assert from 'node:assert/strict';
import type { Answer, Session } from '../../../support/client.ts';
import { describePolicies } from '../../../support/policy-world.ts';

type Item = Readonly<Record<string, unknown>>;

const branch = 'cucumber:policy:dev/db';

function role(kind: string, id: string, more: Item = {}): Item {
  return {
    identifier: `cucumber:${kind}:${id}`,
    id,
    type: kind,
    owner: branch,
    policy: branch,
    permissions: {},
    annotations: {},
    members: [branch],
    memberships: [],
    restricted_to: [],
    ...more,
  };
}

function variable(id: string, more: Item = {}): Item {
  return {
    identifier: `cucumber:variable:${id}`,
    id,
    type: 'variable',
    owner: branch,
    policy: branch,
    permitted: {},
    annotations: {},
    ...more,
  };
}

/** The branch, of which its owner's owner may not see who defined it. */
const policyWith = (...memberships: readonly string[]): Item =>
  role('policy', 'dev/db', {
    owner: 'cucumber:policy:dev',
    policy: 'cucumber:policy:[REDACTED]',
    members: ['cucumber:policy:dev'],
    memberships,
  });

const noted = (description: string): Item => ({ annotations: { description } });
const [forCreate, forReplace, forUpdate] = ['create', 'replace', 'update'].map(
  (what) => `cucumber:user:for-${what}@dev-db`,
) as [string, string, string];

describePolicies(
  "Conjur's scenarios: policy_dry_run",
  (on) => {
    let avogadro: Session;

    beforeEach(async () => {
      await on.world.put(
        '- !user avogadro\n- !policy { id: dev, owner: !user avogadro, body: [ !policy db ] }',
      );
      avogadro = await on.world.as('avogadro');
      const answer = await on.world.try(
        'POST',
        `
- !variable a
- !variable { id: b, kind: password }
- !user { id: for-create, annotations: { description: to be added to } }
- !user { id: for-update, annotations: { description: to be updated } }
- !variable { id: var-for-update, annotations: { description: to be updated } }
- !user { id: for-replace, annotations: { description: to be replaced } }
- !variable { id: var-for-replace, annotations: { description: to be replaced } }
`,
        'dev/db',
        avogadro,
      );
      assert.equal(answer.status, 201);
    });

    const dryRun = (method: 'POST' | 'PATCH' | 'PUT', text: string): Promise<Answer> =>
      on.world.dryRun(method, text, 'dev/db', avogadro);

    it('reports the fault of an invalid text, and what to do', async () => {
      const answer = await dryRun('POST', '   - !!str, xxx\n\n');
      assert.equal(answer.status, 422);
      const { status, errors } = answer.json() as {
        readonly status: string;
        readonly errors: readonly { readonly message: string }[];
      };
      assert.equal(status, 'Invalid YAML');
      assert.match(
        errors[0]?.message ?? '',
        /did not find expected whitespace or line break.*\nOnly one node can be defined per line\./,
      );
    });

    it('reports what a valid POST would add and touch', async () => {
      const answer = await dryRun(
        'POST',
        '- !user bob\n- !user { id: for-create, annotations: { new: a new one } }',
      );
      assert.equal(answer.status, 200);
      const before = role('user', 'for-create@dev-db', noted('to be added to'));
      assert.deepEqual(answer.json(), {
        status: 'Valid YAML',
        created: { items: [role('user', 'bob@dev-db')] },
        updated: {
          before: { items: [policyWith(forCreate, forReplace, forUpdate), before] },
          after: {
            items: [
              policyWith('cucumber:user:bob@dev-db', forCreate, forReplace, forUpdate),
              { ...before, annotations: { description: 'to be added to', new: 'a new one' } },
            ],
          },
        },
        deleted: { items: [] },
      });
    });

    it('neither makes nor changes anything', async () => {
      assert.equal((await dryRun('POST', '- !user alice')).status, 200);
      assert.equal(await on.world.exists('user:alice@dev-db'), false);
      await on.world.try('POST', '- !variable untouched', 'dev/db', avogadro);
      const deletion = '- !delete { record: !variable untouched }';
      assert.equal((await dryRun('PUT', deletion)).status, 200);
      assert.ok(await on.world.exists('variable:dev/db/untouched'));
      assert.equal((await on.world.try('PUT', deletion, 'dev/db', avogadro)).status, 201);
      assert.equal(await on.world.exists('variable:dev/db/untouched'), false);
    });

    const changes = (what: string): string => `
- !user { id: for-${what}, annotations: { description: now something else } }
- !group new-group
- !grant { role: !group new-group, member: !user for-${what} }
- !variable new-variable
- !permit { role: !group new-group, privileges: [ read, execute, delete ], resource: !variable new-variable }
- !delete { record: !variable var-for-${what} }
`;
    const group = 'cucumber:group:dev/db/new-group';
    const [asRole, asResource] = ['cucumber:variable:dev/db/new-variable', group].map((id) => ({
      delete: [id],
      execute: [id],
      read: [id],
    }));
    const createdFor = (user: string): { readonly items: readonly Item[] } => ({
      items: [
        role('group', 'dev/db/new-group', { permissions: asRole, members: [branch, user] }),
        variable('dev/db/new-variable', { permitted: asResource }),
      ],
    });

    it('reports what a valid PATCH would add, change and delete', async () => {
      const answer = await dryRun('PATCH', changes('update'));
      assert.equal(answer.status, 200);
      const user = role('user', 'for-update@dev-db', noted('to be updated'));
      assert.deepEqual(answer.json(), {
        status: 'Valid YAML',
        created: createdFor(forUpdate),
        updated: {
          before: { items: [policyWith(forCreate, forReplace, forUpdate), user] },
          after: {
            items: [
              policyWith(group, forCreate, forReplace, forUpdate),
              { ...user, ...noted('now something else'), memberships: [group] },
            ],
          },
        },
        deleted: { items: [variable('dev/db/var-for-update', noted('to be updated'))] },
      });
    });

    it('reports what a valid PUT would leave of the policy', async () => {
      const answer = await dryRun('PUT', changes('replace'));
      assert.equal(answer.status, 200);
      const user = role('user', 'for-replace@dev-db', noted('to be replaced'));
      assert.deepEqual(answer.json(), {
        status: 'Valid YAML',
        created: createdFor(forReplace),
        updated: {
          before: { items: [policyWith(forCreate, forReplace, forUpdate), user] },
          after: {
            items: [
              policyWith(group, forReplace),
              { ...user, ...noted('now something else'), memberships: [group] },
            ],
          },
        },
        deleted: {
          items: [
            role('user', 'for-create@dev-db', noted('to be added to')),
            role('user', 'for-update@dev-db', noted('to be updated')),
            variable('dev/db/a'),
            variable('dev/db/b', { annotations: { 'conjur/kind': 'password' } }),
            variable('dev/db/var-for-replace', noted('to be replaced')),
            variable('dev/db/var-for-update', noted('to be updated')),
          ],
        },
      });
    });
  },
  { LATCHKEY_ACCOUNT: 'cucumber' },
);
