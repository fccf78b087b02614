/** Conjur's scenarios: policy_load_modes, policy_deletion, policy_versions_retention. */
import assert from 'node:assert/strict';
import { record } from '../../../support/audit-records.ts';
import type { Session } from '../../../support/client.ts';
import { describePolicies } from '../../../support/policy-world.ts';

const cucumber = { LATCHKEY_ACCOUNT: 'cucumber' };

describePolicies(
  "Conjur's scenarios: policy_load_modes",
  (on) => {
    let alice: Session;
    let version = 0;

    beforeEach(async () => {
      await on.world.put(
        '- !user alice\n- !group everyone\n- !policy { id: dev, owner: !user alice, body: [ !policy db ] }',
      );
      alice = await on.world.as('alice');
      const answer = await on.world.try(
        'POST',
        '- !group secrets-users\n- !group secrets-managers\n- !variable a\n- !variable { id: b, kind: password }',
        'dev/db',
        alice,
      );
      ({ version } = answer.json() as { readonly version: number });
    });

    const loaded = async (method: 'POST' | 'PATCH' | 'PUT', text: string): Promise<readonly string[]> =>
      on.world.recordsOf(async () => {
        const answer = await on.world.try(method, text, 'dev/db', alice);
        assert.equal(answer.status, 201, answer.text);
      });
    const variables = async (): Promise<readonly string[]> => {
      const answer = await alice.send('GET', '/resources/cucumber/variable');
      return (answer.json() as readonly { readonly id: string }[]).map(({ id }) => id.replace(/^.*:/, ''));
    };
    const done = (subject: string, operation: string, message: string): string =>
      record(85, 'policy', 'cucumber:user:alice', subject, ['success', operation], 'MESSAGE').replace(
        '] MESSAGE',
        `][policy@43868 id="cucumber:policy:dev/db" version="${String(version + 1)}"] cucumber:user:alice ${message}`,
      );

    it('replaces the whole policy by PUT', async () => {
      const records = await loaded('PUT', '- !variable c');
      assert.deepEqual(await variables(), ['dev/db/c']);
      const a = 'cucumber:variable:dev/db/a';
      assert.ok(records.includes(done(`resource="${a}"`, 'remove', `removed resource ${a}`)));
    });

    it('changes annotations by PATCH', async () => {
      const records = await loaded('PATCH', '- !variable { id: b, kind: another }');
      assert.deepEqual(await on.world.notes('variable:dev/db/b'), { 'conjur/kind': 'another' });
      assert.deepEqual(await on.world.noters('variable:dev/db/b'), { 'conjur/kind': 'policy:dev/db' });
      const b = 'cucumber:variable:dev/db/b';
      assert.deepEqual(records, [
        done(`annotation="conjur/kind" resource="${b}"`, 'change', `changed annotation conjur/kind on ${b}`),
      ]);
    });

    it('removes nothing by PATCH that is not named', async () => {
      await loaded('PATCH', '- !variable c');
      assert.deepEqual(await variables(), ['dev/db/a', 'dev/db/b', 'dev/db/c']);
    });

    it('deletes by PATCH what is named', async () => {
      await loaded('PATCH', '- !delete { record: !variable a }');
      assert.deepEqual(await variables(), ['dev/db/b']);
    });

    it('permits by PATCH what was there to who was there', async () => {
      const records = await loaded(
        'PATCH',
        '- !permit { role: !group /everyone, privilege: read, resource: !variable a }',
      );
      assert.deepEqual(await on.world.permits('variable:dev/db/a'), ['group:everyone read']);
      const [a, everyone] = ['cucumber:variable:dev/db/a', 'cucumber:group:everyone'];
      assert.deepEqual(records, [
        done(
          `resource="${a}" role="${everyone}" privilege="read"`,
          'add',
          `added permission of ${everyone} to read on ${a}`,
        ),
      ]);
    });

    it('grants by PATCH roles that were there', async () => {
      const records = await loaded(
        'PATCH',
        '- !grant { role: !group secrets-users, member: !group secrets-managers }',
      );
      assert.deepEqual(await on.world.members('group:dev/db/secrets-users'), [
        'group:dev/db/secrets-managers',
      ]);
      const [users, managers] = ['secrets-users', 'secrets-managers'].map(
        (name) => `cucumber:group:dev/db/${name}`,
      );
      assert.deepEqual(records, [
        done(
          `role="${users ?? ''}" member="${managers ?? ''}"`,
          'add',
          `added membership of ${managers ?? ''} in ${users ?? ''}`,
        ),
      ]);
    });

    it('changes nothing by POST that was there', async () => {
      await loaded('POST', '- !variable { id: b, kind: private key }');
      assert.deepEqual(await on.world.notes('variable:dev/db/b'), { 'conjur/kind': 'password' });
    });

    it('removes nothing by POST', async () => {
      const answer = await on.world.try('POST', '- !delete { record: !variable a }', 'dev/db', alice);
      assert.equal(answer.status, 422);
      const message = 'may not contain deletion statements';
      assert.deepEqual(answer.json(), {
        error: {
          code: 'validation_failed',
          details: [{ code: 'validation_failed', message, target: 'policy_text' }],
          message: `policy_text ${message}`,
        },
      });
    });
  },
  cucumber,
);

describePolicies(
  "Conjur's scenarios: policy_deletion, policy_versions_retention",
  (on) => {
    it('records what went on every level with a nested policy', async () => {
      await on.world.post('- !policy { id: data, body: [] }');
      await on.world.post('- !policy { id: outer, body: [] }', 'data');
      await on.world.post('- !variable outer_secret\n- !policy { id: inner, body: [] }', 'data/outer');
      await on.world.post('- !variable inner_secret', 'data/outer/inner');
      let version = 0;
      const records = await on.world.recordsOf(async () => {
        ({ version } = await on.world.put('- !variable replacement', 'data'));
      });
      const removed = (subject: string, message: string): string =>
        record(85, 'policy', 'cucumber:user:admin', subject, ['success', 'remove'], 'MESSAGE').replace(
          '] MESSAGE',
          `][policy@43868 id="cucumber:policy:data" version="${String(version)}"] cucumber:user:admin removed ${message}`,
        );
      const [inner, secret, outer] = [
        'cucumber:policy:data/outer/inner',
        'cucumber:variable:data/outer/inner/inner_secret',
        'cucumber:policy:data/outer',
      ];
      for (const line of [
        removed(`resource="${inner}"`, `resource ${inner}`),
        removed(`role="${inner}"`, `role ${inner}`),
        removed(`resource="${secret}"`, `resource ${secret}`),
        removed(`role="${inner}" owner="${outer}"`, `ownership of ${outer} in ${inner}`),
      ]) {
        assert.equal(records.filter((one) => one === line).length, 1, line);
      }
    });

    it('keeps the newest twenty versions of a policy', async () => {
      await on.world.post('- !policy policy_test_version');
      for (let number = 1; number <= 21; number += 1)
        await on.world.post('- !user bob', 'policy_test_version');
      const versions = await on.world.versions('policy:policy_test_version');
      assert.equal(versions.length, 20);
      assert.equal(versions.includes(1), false);
    });
  },
  cucumber,
);
