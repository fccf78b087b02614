import assert from 'node:assert/strict';
import { describeScenarios, getJson } from '../../../support/conjur-world.ts';

const base = `
- !user alice
- !user bob
- !variable { id: probe, owner: !user alice }
`;

describeScenarios("Conjur's scenarios: permitted_roles", (on) => {
  for (const [title, more, expected] of [
    ['the owner, and who holds the owner', '', ['admin', 'alice']],
    [
      'who was given the privilege',
      '- !permit { role: !user bob, privilege: fry, resource: !variable probe }',
      ['admin', 'alice', 'bob'],
    ],
    [
      'nobody who was given another privilege',
      '- !permit { role: !user bob, privilege: freeze, resource: !variable probe }',
      ['admin', 'alice'],
    ],
    [
      'who was given the role of the owner',
      '- !grant { role: !user alice, member: !user bob }',
      ['admin', 'alice', 'bob'],
    ],
  ] as const) {
    it(`lists ${title}`, async () => {
      await on.world.load(`${base}${more}`);
      const path = '/resources/cucumber/variable/probe?permitted_roles=true&privilege=fry';
      // The root policy, which admin owns, is not between alice and what she owns: admin owns alice.
      const found = await getJson(await on.world.as('alice'), path);
      assert.deepEqual(
        found,
        expected.map((name) => `cucumber:user:${name}`),
      );
    });
  }
});
