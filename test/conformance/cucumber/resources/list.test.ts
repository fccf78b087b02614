import assert from 'node:assert/strict';
import type { Session } from '../../../support/client.ts';
import { record } from '../../../support/audit-records.ts';
import { assertError, describeScenarios, getJson, listIds } from '../../../support/conjur-world.ts';

/** Alice owns three variables, and what else a scenario needs. */
function policy(...more: readonly string[]): string {
  const owned = ['one', 'two', 'three', ...more];
  return [
    '- !user alice',
    ...owned.map((id) =>
      id.startsWith('!') ? `- ${id}` : `- !variable { id: "${id}", owner: !user alice }`,
    ),
  ].join('\n');
}

const limitMessage = "'limit' contains an invalid value. 'limit' must be a positive integer.";
const offsetMessage =
  "'offset' contains an invalid value. 'offset' must be an integer greater than or equal to 0.";

describeScenarios("Conjur's scenarios: resource_list", (on) => {
  let alice: Session;
  before(async () => {
    await on.world.load(policy());
    alice = await on.world.as('alice');
  });

  /** Conjur's record of one list of alice's. */
  function listed(subject: string, parameters: string, failure?: string): string {
    const verb = failure === undefined ? 'successfully listed' : 'failed to list';
    return record(
      failure === undefined ? 86 : 84,
      'list',
      'cucumber:user:alice',
      subject,
      [failure === undefined ? 'success' : 'failure', 'list'],
      `cucumber:user:alice ${verb} resources with parameters: {${parameters}}${failure === undefined ? '' : `: ${failure}`}`,
    );
  }

  it('lists new resources of the account, with an audit record that names the default limit', async () => {
    let ids: readonly string[] = [];
    const records = await on.world.recordsOf(async () => {
      ids = await listIds(alice, '/resources/cucumber');
    });
    for (const id of ['one', 'two', 'three']) assert.ok(ids.includes(`cucumber:variable:${id}`), id);
    assert.deepEqual(records, [
      listed('account="cucumber" limit="1000"', ':account=>"cucumber", :limit=>"1000"'),
    ]);
  });

  it('lists by kind', async () => {
    const records = await on.world.recordsOf(async () => {
      const ids = await listIds(alice, '/resources/cucumber/variable');
      assert.ok(ids.includes('cucumber:variable:one'));
    });
    assert.deepEqual(records, [
      listed(
        'account="cucumber" kind="variable" limit="1000"',
        ':account=>"cucumber", :kind=>"variable", :limit=>"1000"',
      ),
    ]);
  });

  it('leaves out what is of another kind', async () => {
    await on.world.load(policy('!group { id: team, owner: !user alice }'));
    const records = await on.world.recordsOf(async () => {
      const ids = await listIds(alice, '/resources/cucumber/user');
      assert.ok(!ids.includes('cucumber:group:team'));
    });
    assert.deepEqual(records, [
      listed(
        'account="cucumber" kind="user" limit="1000"',
        ':account=>"cucumber", :kind=>"user", :limit=>"1000"',
      ),
    ]);
  });

  const search = '/resources/cucumber/variable?search=target';

  it('finds a resource by its id', async () => {
    await on.world.load(policy('target'));
    const records = await on.world.recordsOf(async () => {
      assert.deepEqual(await listIds(alice, search), ['cucumber:variable:target']);
    });
    assert.deepEqual(records, [
      listed(
        'account="cucumber" kind="variable" search="target" limit="1000"',
        ':account=>"cucumber", :kind=>"variable", :search=>"target", :limit=>"1000"',
      ),
    ]);
  });

  it('finds a resource by an annotation', async () => {
    await on.world.load(policy('!variable { id: four, owner: !user alice, annotations: { key: target } }'));
    assert.deepEqual(await listIds(alice, search), ['cucumber:variable:four']);
  });

  for (const [what, id] of [
    ['a period', 'target.resource'],
    ['a slash', 'target/resource'],
    ['a dash', 'target-resource'],
  ] as const) {
    it(`finds a word of an id that ${what} ends`, async () => {
      await on.world.load(policy(id));
      assert.deepEqual(await listIds(alice, search), [`cucumber:variable:${id}`]);
    });
  }

  it('finds several', async () => {
    await on.world.load(policy('target_1', 'target_2'));
    assert.deepEqual(await listIds(alice, search), [
      'cucumber:variable:target_1',
      'cucumber:variable:target_2',
    ]);
  });

  describe('in pages', () => {
    const path = '/resources/cucumber/variable';
    before(() => on.world.load(policy()));

    it('lists as many as the limit says', async () => {
      assert.equal((await listIds(alice, `${path}?limit=1`)).length, 1);
    });

    for (const [limit, audited] of [
      ['abc', true],
      ['0', true],
      ['-10', false],
    ] as const) {
      it(`refuses the limit ${limit}`, async () => {
        const records = await on.world.recordsOf(async () => {
          const answer = await alice.send('GET', `${path}?limit=${limit}`);
          assertError(answer, 422, 'unprocessable_entity', limitMessage);
        });
        const expected = listed(
          `account="cucumber" kind="variable" limit="${limit}"`,
          `:account=>"cucumber", :kind=>"variable", :limit=>"${limit}"`,
          limitMessage,
        );
        if (audited) assert.deepEqual(records, [expected]);
      });
    }

    it('begins at the offset', async () => {
      assert.equal((await listIds(alice, `${path}?offset=1`)).length, 2);
    });

    for (const [offset, audited] of [
      ['abc', true],
      ['-10', false],
    ] as const) {
      it(`refuses the offset ${offset}`, async () => {
        const records = await on.world.recordsOf(async () => {
          const answer = await alice.send('GET', `${path}?offset=${offset}`);
          assertError(answer, 422, 'unprocessable_entity', offsetMessage);
        });
        const expected = listed(
          `account="cucumber" kind="variable" offset="${offset}"`,
          `:account=>"cucumber", :kind=>"variable", :offset=>"${offset}"`,
          offsetMessage,
        );
        if (audited) assert.deepEqual(records, [expected]);
      });
    }

    it('takes offset and limit together', async () => {
      const records = await on.world.recordsOf(async () => {
        assert.equal((await listIds(alice, `${path}?offset=1&limit=1`)).length, 1);
      });
      assert.deepEqual(records, [
        listed(
          'account="cucumber" kind="variable" limit="1" offset="1"',
          ':account=>"cucumber", :kind=>"variable", :limit=>"1", :offset=>"1"',
        ),
      ]);
    });

    it('refuses a limit that is no number beside a good offset', async () => {
      const answer = await alice.send('GET', `${path}?offset=1&limit=abc`);
      assertError(answer, 422, 'unprocessable_entity', limitMessage);
    });

    it('refuses an offset that is no number beside a good limit', async () => {
      const answer = await alice.send('GET', `${path}?offset=abc&limit=1`);
      assertError(answer, 422, 'unprocessable_entity', offsetMessage);
    });

    it('counts', async () => {
      const records = await on.world.recordsOf(async () => {
        assert.deepEqual(await getJson(alice, `${path}?count=true`), { count: 3 });
      });
      assert.deepEqual(records, [
        listed(
          'account="cucumber" kind="variable" count="true"',
          ':account=>"cucumber", :kind=>"variable", :count=>"true"',
        ),
      ]);
    });
  });
});
