import assert from 'node:assert/strict';
import { record } from '../../../support/audit-records.ts';
import { assertEmpty, describeScenarios } from '../../../support/conjur-world.ts';
import { assertNoIssuer, makeIssuer, newIssuer, sendJson, withIssuers } from '../../../support/issuers.ts';
import { sendV2 } from '../../../support/versioned-api.ts';

const admin = 'cucumber:user:admin';
const alice = 'cucumber:user:alice';
const list = '/issuers/cucumber';
const one = '/issuers/cucumber/aws-issuer-1';
const hidden = "Policy 'conjur/issuers' not found in account 'cucumber'";
const about = (issuer: string): string => `account="cucumber" issuer="${issuer}"`;

const variables = `
- !policy
  id: data/dynamic
  body:
    - !variable
      id: my-ephemeral-secret
      annotations: { dynamic/issuer: aws-issuer-1, dynamic/method: assume-role }
- !policy
  id: data
  body:
    - !variable my-non-ephemeral-secret
`;
const innerVariable = `
- !policy
  id: inner-policy
  body:
    - !variable
      id: my-other-ephemeral-secret
      annotations: { dynamic/issuer: aws-issuer-1, dynamic/method: assume-role }
`;

describeScenarios(
  "Conjur's scenarios: issuers, and branches_delete of one",
  (on) => {
    beforeEach(async () => {
      // Without their policy no issuer is left.
      await on.world.load('- !user alice\n');
      await on.world.load('- !policy conjur/issuers\n', 'POST');
      await makeIssuer(on.world.admin, 'aws-issuer-1');
    });

    const recordsOf = async (act: () => Promise<unknown>): Promise<readonly string[]> =>
      (await on.world.recordsOf(act)).filter((line) => !/^<85> policy /.test(line));

    it('records an issuer that was made', async () => {
      const records = await recordsOf(() => makeIssuer(on.world.admin, 'aws-new-issuer'));
      const message = `${admin} added cucumber:issuer:aws-new-issuer`;
      assert.deepEqual(records, [
        record(86, 'issuer', admin, about('aws-new-issuer'), ['success', 'add'], message),
      ]);
    });

    it('forbids a user who cannot see the policy of issuers to make one, and records it', async () => {
      const session = await on.world.as('alice');
      const records = await recordsOf(async () => {
        assertEmpty(await sendJson(session, 'POST', list, newIssuer('aws-new-issuer')), 403);
      });
      const message = `${alice} tried to add cucumber:issuer:aws-new-issuer: ${hidden}`;
      assert.deepEqual(records, [
        record(84, 'issuer', alice, about('aws-new-issuer'), ['failure', 'add'], message),
      ]);
    });

    it('records an issuer that was shown', async () => {
      const records = await recordsOf(async () => {
        assert.equal((await on.world.admin.send('GET', one)).status, 200);
      });
      const message = `${admin} fetched cucumber:issuer:aws-issuer-1`;
      assert.deepEqual(records, [
        record(86, 'issuer', admin, about('aws-issuer-1'), ['success', 'fetch'], message),
      ]);
    });

    it('shows no issuer to a user who cannot see its policy, and records it', async () => {
      const session = await on.world.as('alice');
      const records = await recordsOf(async () => {
        assertNoIssuer(await session.send('GET', one), 'aws-issuer-1');
      });
      const message = `${alice} tried to fetch cucumber:issuer:aws-issuer-1: Issuer not found`;
      assert.deepEqual(records, [
        record(84, 'issuer', alice, about('aws-issuer-1'), ['failure', 'fetch'], message),
      ]);
    });

    it('records that the issuers were listed', async () => {
      const records = await recordsOf(async () => {
        assert.equal((await on.world.admin.send('GET', list)).status, 200);
      });
      const message = `${admin} listed issuers cucumber:issuer:*`;
      assert.deepEqual(records, [record(86, 'issuer', admin, about('*'), ['success', 'list'], message)]);
    });

    it('forbids a user who cannot see the policy of issuers to list them, and records it', async () => {
      const session = await on.world.as('alice');
      const records = await recordsOf(async () => {
        assertEmpty(await session.send('GET', list), 403);
      });
      const message = `${alice} tried to list issuers cucumber:issuer:*: ${hidden}`;
      assert.deepEqual(records, [record(84, 'issuer', alice, about('*'), ['failure', 'list'], message)]);
    });

    it('lets a user who cannot see the policy of issuers delete none, and records it', async () => {
      const session = await on.world.as('alice');
      const records = await recordsOf(async () => {
        assertNoIssuer(await session.send('DELETE', one), 'aws-issuer-1');
      });
      const message = `${alice} tried to remove cucumber:issuer:aws-issuer-1: ${hidden}`;
      assert.deepEqual(records, [
        record(84, 'issuer', alice, about('aws-issuer-1'), ['failure', 'remove'], message),
      ]);
    });

    it('deletes an issuer with the variables that name it, and records each', async () => {
      await on.world.load(variables, 'POST');
      await on.world.load(innerVariable, 'POST', 'data/dynamic');
      const records = await recordsOf(async () => {
        assertEmpty(await on.world.admin.send('DELETE', one), 204);
      });
      const gone = [
        'data/dynamic/inner-policy/my-other-ephemeral-secret',
        'data/dynamic/my-ephemeral-secret',
      ];
      assert.deepEqual(records, [
        ...gone.map((identifier) => {
          const variable = `cucumber:variable:${identifier}`;
          const subject = `${about('aws-issuer-1')} resource_id="${variable}"`;
          const message = `${variable} removed as a result of the removal of cucumber:issuer:aws-issuer-1`;
          return record(86, 'variable', admin, subject, ['success', 'remove'], message);
        }),
        record(
          86,
          'issuer',
          admin,
          about('aws-issuer-1'),
          ['success', 'remove'],
          `${admin} removed cucumber:issuer:aws-issuer-1`,
        ),
      ]);
      const left = await on.world.admin.send('GET', '/resources/cucumber/variable');
      assert.deepEqual(
        (left.json() as readonly { readonly id: string }[]).map(({ id }) => id),
        ['cucumber:variable:data/my-non-ephemeral-secret'],
      );
    });

    it('loses an issuer with the branch that is its policy', async () => {
      const policy = async (): Promise<string> => {
        const headers = { accept: 'application/x-yaml', 'content-type': 'application/x-yaml' };
        const path = '/policies/cucumber/policy/conjur/issuers';
        return (await on.world.admin.send('GET', path, undefined, headers)).text;
      };
      assert.equal(
        await policy(),
        [
          '---',
          '- !policy',
          '  id: issuers',
          '  owner: !user /admin',
          '  body:',
          '  - !policy',
          '    id: aws-issuer-1',
          '    body:',
          '    - !policy',
          '      id: delegation',
          '      body:',
          '      - !group consumers',
          '  - !permit',
          '    role: !group /conjur/issuers/aws-issuer-1/delegation/consumers',
          '    privileges: [read, use]',
          '    resource: !policy aws-issuer-1',
          '',
        ].join('\n'),
      );
      const branch = '/branches/cucumber/conjur/issuers/aws-issuer-1';
      assertEmpty(await sendV2(on.world.admin, 'DELETE', branch), 204);
      assertNoIssuer(await on.world.admin.send('GET', one), 'aws-issuer-1');
      const emptied = ['---', '- !policy', '  id: issuers', '  owner: !user /admin', '  body: []', ''];
      assert.equal(await policy(), emptied.join('\n'));
    });
  },
  withIssuers,
);
