import assert from 'node:assert/strict';
import { load, type Answer, type Session } from '../../../support/client.ts';
import { record } from '../../../support/audit-records.ts';
import { assertError, describeScenarios, notFoundBody } from '../../../support/conjur-world.ts';

const id = 'cucumber:variable:probe';
const path = '/secrets/cucumber/variable/probe';
const eve = 'cucumber:user:eve';

const policy = `
- !user eve
- !user alice
- !variable { id: probe, owner: !user eve }
- !variable { id: json, owner: !user eve, mime_type: application/json }
- !group { id: test-group, owner: !user eve }
`;

/** secrets: 14 scenarios of 14. */
describeScenarios('secrets', (on) => {
  let user: Session;
  let stranger: Session;

  beforeEach(async () => {
    await load(on.world.admin, '[]', 'root', 'PUT');
    await on.world.load(policy);
    user = await on.world.as('eve');
    stranger = await on.world.as('alice');
  });

  const set = async (value: string | Uint8Array): Promise<void> => {
    assert.equal((await user.send('POST', path, value)).status, 201);
  };
  const assertNoValue = (answer: Answer, variable: string): void => {
    assertError(answer, 404, 'not_found', `CONJ00076E Variable ${variable} is empty or not found.`);
  };

  it('cannot be set by who has no privilege: the variable is not found', async () => {
    const answer = await stranger.send('POST', path, 'v-1');
    assert.equal(answer.status, 404);
    assert.deepEqual(answer.json(), notFoundBody(id));
  });

  it('have no route without a name', async () => {
    assert.equal((await user.send('GET', '/secrets/cucumber/variable/')).status, 404);
  });

  it('are not found while there is no value', async () => {
    assertNoValue(await user.send('GET', path), id);
  });

  it('are not found for a variable that does not exist', async () => {
    const variable = 'cucumber:variable:non-existent';
    assertNoValue(await user.send('GET', '/secrets/cucumber/variable/non-existent'), variable);
  });

  it('cannot be set for a variable that does not exist', async () => {
    const answer = await user.send('POST', '/secrets/cucumber/variable/non-existent', 'v-1');
    assert.equal(answer.status, 404);
    assert.deepEqual(answer.json(), notFoundBody('cucumber:variable:non-existent'));
  });

  it('are not found by who has no privilege', async () => {
    await set('v-1');
    assertNoValue(await stranger.send('GET', path), id);
  });

  it('come with the type that the variable is annotated with', async () => {
    const json = '/secrets/cucumber/variable/json';
    const resource = 'cucumber:variable:json';
    const records = await on.world.recordsOf(async () => {
      assert.equal((await user.send('POST', json, '[ "v-1" ]')).status, 201);
    });
    assert.deepEqual(records, [
      record(
        86,
        'update',
        eve,
        `resource="${resource}"`,
        ['success', 'update'],
        `${eve} updated ${resource}`,
      ),
    ]);
    const answer = await user.send('GET', json);
    assert.deepEqual(answer.json(), ['v-1']);
    assert.equal(answer.headers.get('content-type'), 'application/json');
  });

  it('can be any bytes', async () => {
    const bytes = Buffer.from(Array.from({ length: 512 }, (_, index) => (index * 37) % 256));
    await set(bytes);
    assert.deepEqual((await user.send('GET', path)).bytes, bytes);
  });

  it('are the newest by default', async () => {
    await set('v-1');
    await set('v-2');
    let answer: Answer | undefined;
    const records = await on.world.recordsOf(async () => {
      answer = await user.send('GET', path);
    });
    assert.equal(answer?.text, 'v-2');
    assert.equal(answer.headers.get('content-type'), 'application/octet-stream');
    assert.deepEqual(records, [
      record(86, 'fetch', eve, `resource="${id}"`, ['success', 'fetch'], `${eve} fetched ${id}`),
    ]);
  });

  it('are an older version where that is asked for', async () => {
    await set('v-1');
    await set('v-2');
    let answer: Answer | undefined;
    const records = await on.world.recordsOf(async () => {
      answer = await user.send('GET', `${path}?version=1`);
    });
    assert.equal(answer?.text, 'v-1');
    const subject = `resource="${id}" version="1"`;
    assert.deepEqual(records, [
      record(86, 'fetch', eve, subject, ['success', 'fetch'], `${eve} fetched version 1 of ${id}`),
    ]);
  });

  it('are not found in a version that was never made', async () => {
    await set('v-1');
    assertNoValue(await user.send('GET', `${path}?version=2`), id);
  });

  it('cannot be empty', async () => {
    const records = await on.world.recordsOf(async () => {
      assertError(await user.send('POST', path, ''), 422, 'argument_error', "'value' may not be empty");
    });
    const message = `${eve} tried to update ${id}: 'value' may not be empty`;
    assert.deepEqual(records, [
      record(84, 'update', eve, `resource="${id}"`, ['failure', 'update'], message),
    ]);
  });

  it('are kept in their last 20 versions', async () => {
    for (let version = 1; version <= 21; version += 1) await set(`v-${String(version)}`);
    assertNoValue(await user.send('GET', `${path}?version=1`), id);
    assert.equal((await user.send('GET', `${path}?version=2`)).text, 'v-2');
  });

  it('have no route for a group', async () => {
    assert.equal((await user.send('POST', '/secrets/cucumber/group/test-group', 'value')).status, 404);
  });
});
