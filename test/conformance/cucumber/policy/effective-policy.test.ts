/** Conjur's scenarios: effective_policy, _json, _load, _permit, _users. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { record } from '../../../support/audit-records.ts';
import type { Answer, Session } from '../../../support/client.ts';
import { describePolicies } from '../../../support/policy-world.ts';

const fixture = (name: string): string => readFileSync(`test/fixtures/effective-policy/${name}`, 'utf8');
const cucumber = { LATCHKEY_ACCOUNT: 'cucumber' };
const stairs = 'house/north/attic-stairs';
const path = (policy: string): string => `/policies/cucumber/policy/${policy}`;
const json = { 'content-type': 'application/json' };

function readRecord(identifier: string): string {
  const user = 'cucumber:user:admin';
  return record(
    85,
    'policy',
    user,
    `account="cucumber" identifier="${identifier}" role_id="${user}"`,
    ['success', 'read'],
    `${user} readed {:account=>"cucumber", :identifier=>"${identifier}", :role_id=>"${user}"}`,
  );
}

function assertYaml(answer: Answer, expected: string): void {
  assert.equal(answer.status, 200, answer.text);
  assert.match(answer.headers.get('content-type') ?? '', /^application\/x-yaml/);
  assert.equal(answer.text, expected);
}

describePolicies(
  "Conjur's scenarios: effective_policy, effective_policy_json",
  (on) => {
    let mia: Session;
    beforeEach(async () => {
      await on.world.post('- !policy { id: house, body: [] }');
      await on.world.patch(fixture('root.yml'));
      await on.world.patch(fixture('house.yml'), 'house');
      mia = await on.world.as('mia@house-north');
    });
    const get = (policy: string, session = on.world.session, headers = {}): Promise<Answer> =>
      session.send('GET', path(policy), undefined, headers);

    for (const [policy, file] of [
      ['root', 'effective-root'],
      ['house', 'effective-house'],
    ] as const) {
      it(`shows the administrator ${policy}, and records that`, async () => {
        const records = await on.world.recordsOf(async () => {
          assertYaml(await get(policy), fixture(`${file}.yml`));
        });
        assert.deepEqual(records, [readRecord(policy)]);
      });

      it(`shows the administrator ${policy} in JSON, and records that`, async () => {
        const records = await on.world.recordsOf(async () => {
          const answer = await get(policy, on.world.session, json);
          assert.equal(answer.status, 200);
          assert.match(answer.headers.get('content-type') ?? '', /^application\/json/);
          // The order of keys counts, too.
          assert.equal(answer.text, JSON.stringify(JSON.parse(fixture(`${file}.json`))));
        });
        assert.deepEqual(records, [readRecord(policy)]);
      });
    }

    it('shows the administrator a policy further down', async () => {
      assertYaml(await get(stairs), fixture('effective-stairs.yml'));
    });

    it('shows the administrator a policy further down in JSON', async () => {
      const answer = await get(stairs, on.world.session, json);
      assert.match(answer.headers.get('content-type') ?? '', /^application\/json/);
      assert.deepEqual(answer.json(), JSON.parse(fixture('effective-stairs.json')));
    });

    it('shows a user the policy that she owns, and those in it', async () => {
      assertYaml(await get(stairs, mia), fixture('effective-stairs.yml'));
      for (const policy of [`${stairs}/top`, `${stairs}/top/store`]) {
        const answer = await get(policy, mia);
        assert.equal(answer.status, 200);
        assert.match(answer.headers.get('content-type') ?? '', /^application\/x-yaml/);
      }
    });

    for (const policy of ['root', 'house']) {
      it(`hides ${policy} from her`, async () => {
        assert.equal((await get(policy, mia)).status, 404);
      });
    }

    const nested = (...ids: readonly string[]): string =>
      ids
        .map((id, level) => {
          const indent = '  '.repeat(level);
          const end = level === ids.length - 1 ? ' []' : '';
          return `${indent}- !policy\n${indent}  id: ${id}\n${indent}  body:${end}\n`;
        })
        .join('');

    it('stops at depth 0', async () => {
      assertYaml(await get('house?depth=0'), `---\n${nested('house')}`);
    });

    it('stops at depth 1', async () => {
      assertYaml(await get('house/north/attic?depth=1'), `---\n${nested('attic', 'stairs')}`);
    });

    it('stops at depth 2', async () => {
      assertYaml(await get('house/north/attic?depth=2'), `---\n${nested('attic', 'stairs', 'top')}`);
    });

    it('refuses more than the limit', async () => {
      assert.equal((await get('house?limit=3')).status, 422);
    });

    it('takes depth and limit together', async () => {
      assertYaml(await get('house/north/attic?depth=1;limit=10'), `---\n${nested('attic', 'stairs')}`);
    });

    it('takes depth and limit of a policy further down', async () => {
      assertYaml(
        await get(`${stairs}?depth=1;limit=16`),
        `---
- !policy
  id: attic-stairs
  owner: !user /house/north/mia
  body:
  - !user
    id: ned
    restricted_to: [172.16.5.3/32, 10.1.0.0/24]
  - !policy
    id: root
    body:
    - !user uwe
  - !policy
    id: top
    owner: !user /house/north/attic-stairs/ned
    body:
    - !user oda
  - !group climbers
  - !permit
    role: !group climbers
    privileges: [execute, read]
    resource: !policy top
  - !permit
    role: !user ned
    privileges: [create, read, update]
    resource: !policy top
`,
      );
    });
  },
  cucumber,
);

describePolicies(
  "Conjur's scenarios: effective_policy_load, effective_policy_permit, effective_policy_users",
  (on) => {
    for (const file of ['effective-root', 'effective-house']) {
      for (const method of ['POST', 'PUT', 'PATCH'] as const) {
        it(`loads ${file} into the root by ${method}`, async () => {
          await on.world.load(method, fixture(`${file}.yml`), 'root');
          const shown = await on.world.fetch(file.replace('effective-', ''));
          assertYaml(shown, fixture(`${file}.yml`));
        });
      }
    }

    const variables = `
- !policy
  id: safe
  body:
  - &variables
    - !variable { id: user, annotations: { synced: 'false', synced/from: safe } }
    - !variable { id: pass, annotations: { synced: 'false', synced/from: safe } }
- !permit { role: !group crew/readers, privileges: [ execute ], resource: *variables }
- !permit { role: !group crew/viewers, privileges: [ read ], resource: *variables }
`;
    const variable = (id: string): string =>
      `  - !variable\n    id: ${id}\n    annotations:\n      synced: 'false'\n      synced/from: safe\n`;
    const permit = (role: string, privilege: string, id: string): string =>
      `  - !permit\n    role: !group /crew/${role}\n    privileges: [${privilege}]\n    resource: !variable ${id}\n`;
    const safe =
      '---\n- !policy\n  id: safe\n  body:\n' +
      ['pass', 'user'].map(variable).join('') +
      ['pass', 'user'].map((id) => permit('readers', 'execute', id) + permit('viewers', 'read', id)).join('');

    for (const [title, groups, shown] of [
      [
        'in another policy',
        '- !policy { id: crew, body: [ !group readers, !group viewers ] }',
        safe.replace(
          '---\n',
          '---\n- !policy\n  id: crew\n  body:\n  - !group readers\n  - !group viewers\n',
        ),
      ],
      [
        'with an id like a path',
        '- !group crew/readers\n- !group crew/viewers',
        `${safe}- !group crew/readers\n- !group crew/viewers\n`,
      ],
    ] as const) {
      it(`puts permits with their resources where the role is ${title}`, async () => {
        await on.world.post(groups + variables);
        const records = await on.world.recordsOf(async () => {
          assertYaml(await on.world.fetch(), shown);
        });
        assert.deepEqual(records, [readRecord('root')]);
      });

      it(`shows the same after that was loaded, where the role is ${title}`, async () => {
        await on.world.post(shown);
        assertYaml(await on.world.fetch(), shown);
      });
    }

    it('shows users with several at signs where they belong', async () => {
      const users = `
- !user ann@hq.test
- !user ann@hq.test@net.test
- !user { id: ben@hq.test, owner: !user /admin }
- !user { id: ben@hq.test@net.test, owner: !user /admin }
`;
      await on.world.post(`
- !policy hq
- !policy
  id: hq.test
  body:
  - !user ann
  - !user { id: ben, owner: !user /admin }
  - !policy
    id: net.test
    body:
    - !user ann
    - !user { id: ben, owner: !user /admin }
    - !user { id: cyd, public_keys: [ ssh-rsa AAA laptop ] }
    - !resource { id: sync/default, kind: configuration, annotations: { scope: subtree } }
`);
      await on.world.patch(users);
      await on.world.patch(users, 'hq');
      const records = await on.world.recordsOf(async () => {
        assertYaml(
          await on.world.fetch(),
          `---
- !user ann@hq.test
- !user ann@hq.test@net.test
- !user ben@hq.test
- !user ben@hq.test@hq
- !user ben@hq.test-net.test
- !user ben@hq.test@net.test
- !user ben@hq.test@net.test@hq
- !policy
  id: hq
  body:
  - !user ann@hq.test
  - !user ann@hq.test@net.test
- !policy
  id: hq.test
  body:
  - !policy
    id: net.test
    body:
    - !user ann
    - !user cyd
`,
        );
      });
      assert.deepEqual(records, [readRecord('root')]);
    });
  },
  cucumber,
);
