import assert from 'node:assert/strict';
import { record } from '../../../support/audit-records.ts';
import { describeScenarios, getJson } from '../../../support/conjur-world.ts';

const users = ['alice', 'bob', 'carol', 'charles', 'dave'].map((name) => `- !user ${name}\n`).join('');

function grants(...pairs: readonly (readonly [role: string, member: string])[]): string {
  return (
    users +
    pairs.map(([role, member]) => `- !grant { role: !user ${role}, member: !user ${member} }\n`).join('')
  );
}

describeScenarios("Conjur's scenarios: memberships", (on) => {
  const get = (query: string, user = 'alice'): Promise<unknown> =>
    getJson(on.world.admin, `/roles/cucumber/user/${user}?${query}`);

  function listed(subject: string, parameters: string): string {
    return record(
      86,
      'membership',
      'cucumber:user:admin',
      subject,
      ['success', 'list'],
      `cucumber:user:admin successfully listed memberships with parameters: {${parameters}}`,
    );
  }

  const held = (role: string, member: string): unknown => ({
    admin_option: false,
    ownership: false,
    role: `cucumber:user:${role}`,
    member: `cucumber:user:${member}`,
    policy: 'cucumber:policy:root',
  });

  it('begins with the role itself', async () => {
    await on.world.load(users);
    assert.deepEqual(await get('all'), ['cucumber:user:alice']);
  });

  it('goes on with what was granted', async () => {
    await on.world.load(grants(['bob', 'alice']));
    assert.deepEqual(await get('all'), ['cucumber:user:alice', 'cucumber:user:bob']);
  });

  it('is counted', async () => {
    await on.world.load(grants(['bob', 'alice']));
    assert.deepEqual(await get('all&count'), { count: 2 });
  });

  it('is listed without what comes through others', async () => {
    await on.world.load(grants(['carol', 'bob'], ['bob', 'alice']));
    const records = await on.world.recordsOf(async () => {
      assert.deepEqual(await get('memberships'), [held('bob', 'alice')]);
    });
    assert.deepEqual(records, [
      listed(
        'account="cucumber" kind="user" role="cucumber:user:alice"',
        ':account=>"cucumber", :kind=>"user", :role=>"cucumber:user:alice"',
      ),
    ]);
  });

  it('is counted without what comes through others', async () => {
    await on.world.load(grants(['carol', 'bob'], ['bob', 'alice']));
    const records = await on.world.recordsOf(async () => {
      assert.deepEqual(await get('memberships&count=true'), { count: 1 });
    });
    assert.deepEqual(records, [
      listed(
        'account="cucumber" count="true" kind="user" role="cucumber:user:alice"',
        ':account=>"cucumber", :count=>"true", :kind=>"user", :role=>"cucumber:user:alice"',
      ),
    ]);
  });

  it('is searched', async () => {
    await on.world.load(grants(['alice', 'bob'], ['carol', 'bob']));
    const records = await on.world.recordsOf(async () => {
      assert.deepEqual(await get('memberships&search=alice', 'bob'), [held('alice', 'bob')]);
    });
    assert.deepEqual(records, [
      listed(
        'account="cucumber" search="alice" kind="user" role="cucumber:user:bob"',
        ':account=>"cucumber", :search=>"alice", :kind=>"user", :role=>"cucumber:user:bob"',
      ),
    ]);
  });

  it('is filtered by the roles that are asked about', async () => {
    await on.world.load(grants(['bob', 'alice'], ['charles', 'alice']));
    const filter = ['bob', 'charles', 'dave'].map((name) => `filter[]=cucumber:user:${name}`).join('&');
    assert.deepEqual(await get(`all=true&${filter}`), ['cucumber:user:bob', 'cucumber:user:charles']);
  });
});
