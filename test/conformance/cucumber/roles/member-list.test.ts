import assert from 'node:assert/strict';
import { record } from '../../../support/audit-records.ts';
import { assertEmpty, describeScenarios, getJson } from '../../../support/conjur-world.ts';

const policy = `
- &users
  - !user alice
  - !user bob
  - !user charlotte
  - !user alicia
- !group dev
- !group employees
- !grant { role: !group dev, members: *users }
- !grant { role: !group employees, member: !group dev }
- !grant { role: !group employees, members: !user alice }
`;

function membership(role: string, member: string, ownership = false): unknown {
  return {
    admin_option: ownership,
    ownership,
    role: `cucumber:group:${role}`,
    member: `cucumber:${member}`,
    policy: 'cucumber:policy:root',
  };
}

describeScenarios("Conjur's scenarios: member_list", (on) => {
  before(() => on.world.load(policy));

  const admin = membership('dev', 'user:admin', true);
  const [alice, alicia, bob, charlotte] = ['alice', 'alicia', 'bob', 'charlotte'].map((name) =>
    membership('dev', `user:${name}`),
  );

  /** Asks for members, and holds the answer and its one audit record against what is expected. */
  async function expectList(
    query: string,
    expected: unknown,
    given: readonly (readonly [string, string])[],
    group = 'dev',
  ): Promise<void> {
    const parameters = [...given, ['role', `cucumber:group:${group}`] as const];
    const records = await on.world.recordsOf(async () => {
      assert.deepEqual(await getJson(on.world.admin, `/roles/cucumber/group/${group}?${query}`), expected);
    });
    assert.deepEqual(records, [listed(parameters)]);
  }

  function listed(parameters: readonly (readonly [string, string])[], failure?: string): string {
    const subject = parameters.map(([name, value]) => `${name}="${value}"`).join(' ');
    const shown = parameters.map(([name, value]) => `:${name}=>"${value}"`).join(', ');
    const verb = failure === undefined ? 'successfully listed' : 'failed to list';
    return record(
      failure === undefined ? 86 : 84,
      'members',
      'cucumber:user:admin',
      subject,
      [failure === undefined ? 'success' : 'failure', 'list'],
      `cucumber:user:admin ${verb} members with parameters: {${shown}}${failure === undefined ? '' : `: ${failure}`}`,
    );
  }

  const account = ['account', 'cucumber'] as const;
  const kind = ['kind', 'group'] as const;

  it('lists the members by their ids', async () => {
    await expectList('members', [admin, alice, alicia, bob, charlotte], [account, kind]);
  });

  it('finds a member by a word of its id', async () => {
    await expectList('members&search=alice', [alice], [account, kind, ['search', 'alice']]);
  });

  it('finds nobody by the id of somebody else', async () => {
    await expectList(
      'members&search=non_existent_user',
      [],
      [account, kind, ['search', 'non_existent_user']],
    );
  });

  it('lists page by page', async () => {
    await expectList('members&limit=3', [admin, alice, alicia], [account, kind, ['limit', '3']]);
    await expectList(
      'members&limit=3&offset=3',
      [bob, charlotte],
      [account, kind, ['limit', '3'], ['offset', '3']],
    );
  });

  it('counts all, whatever the page', async () => {
    await expectList('members&count=true', { count: 5 }, [account, ['count', 'true'], kind]);
    await expectList('members&count=true&limit=3', { count: 5 }, [
      account,
      ['count', 'true'],
      kind,
      ['limit', '3'],
    ]);
  });

  it('lists members of some kinds', async () => {
    const dev = membership('employees', 'group:dev');
    const all = [dev, membership('employees', 'user:admin', true), membership('employees', 'user:alice')];
    await expectList('members&kind[]=group&kind[]=user', all, [account, kind], 'employees');
    await expectList('members&kind[]=group', [dev], [account, kind], 'employees');
    await expectList('members&kind=group', [dev], [account, kind], 'employees');
  });

  it('answers a limit that is no number with 500', async () => {
    const records = await on.world.recordsOf(async () => {
      assertEmpty(await on.world.admin.send('GET', '/roles/cucumber/group/dev?members&limit=abc'), 500);
    });
    const parameters = [account, kind, ['limit', 'abc'], ['role', 'cucumber:group:dev']] as const;
    assert.deepEqual(records, [listed(parameters, 'Limits must be greater than or equal to 1')]);
  });
});
