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
- !user carol
- !policy
  id: dev
  body:
  - !group developers
  - !variable secret
  - !permit { role: !group developers, privileges: [ read, execute ], resource: !variable secret }
- !grant { role: !group dev/developers, member: !user alice }
- !permit { role: !user carol, privilege: read, resource: !group dev/developers }
- !permit { role: !user carol, privilege: create, resource: !policy root }
`;

const role = 'cucumber:group:dev/developers';
const path = '/roles/cucumber/group/dev/developers';

describeScenarios('POST and DELETE /roles/:account/:kind/*id?members', (on) => {
  let admin: Session;
  let bob: Session;
  let carol: Session;
  beforeEach(async () => {
    await on.world.load('- !user nobody');
    await on.world.load(policy);
    ({ admin } = on.world);
    [bob, carol] = await Promise.all([on.world.as('bob'), on.world.as('carol')]);
  });

  const of = (member: string): string => `${path}?members&member=${member}`;
  const memberIds = async (): Promise<readonly string[]> =>
    ((await getJson(admin, `${path}?members`)) as readonly { readonly member: string }[]).map(({ member }) =>
      member.slice('cucumber:'.length),
    );
  const everybody = ['policy:dev', 'user:alice', 'user:bob'];

  it('counts for the very next request, both ways', async () => {
    const secret = '/resources/cucumber/variable/dev/secret?check=true&privilege=execute';
    assert.equal((await bob.send('GET', secret)).status, 404);
    assertEmpty(await admin.send('POST', of('cucumber:user:bob')), 204);
    assertEmpty(await bob.send('GET', secret), 204);
    assertEmpty(await admin.send('DELETE', of('cucumber:user:bob')), 204);
    assert.equal((await bob.send('GET', secret)).status, 404);
  });

  it('takes create on the policy that was loaded to add, and update to remove', async () => {
    assertEmpty(await carol.send('POST', of('cucumber:user:bob')), 204);
    assertEmpty(await carol.send('DELETE', of('cucumber:user:bob')), 403);
    assert.deepEqual(await memberIds(), everybody);
  });

  it('looks at the privilege before the member', async () => {
    await on.world.load('- !deny { role: !user carol, privilege: create, resource: !policy root }', 'PATCH');
    for (const member of ['cucumber:user:bob', 'cucumber:user:none', 'nonsense']) {
      assertEmpty(await carol.send('POST', of(member)), 403);
    }
  });

  it('does not find a member that is not there, or is not named in full', async () => {
    for (const member of ['cucumber:user:none', 'other:user:bob', 'cucumber:variable:dev/secret']) {
      const answer = await admin.send('POST', of(member));
      assert.equal(answer.status, 404, member);
      assert.deepEqual(answer.json(), notFoundBody(member));
    }
    for (const member of ['user:bob', 'bob', '']) {
      assert.equal((await admin.send('POST', of(member))).status, 404, member);
    }
  });

  it('does not remove who is no member', async () => {
    const answer = await admin.send('DELETE', of('cucumber:user:bob'));
    assert.equal(answer.status, 404);
    assert.deepEqual(answer.json(), notFoundBody('cucumber:user:bob'));
  });

  it('removes a membership that a policy defined, and none that comes with owning', async () => {
    assertEmpty(await admin.send('DELETE', of('cucumber:user:alice')), 204);
    assert.equal((await admin.send('DELETE', of('cucumber:policy:dev'))).status, 404);
    assert.deepEqual(await memberIds(), ['policy:dev']);
  });

  it('needs both parameters in the query', async () => {
    assertEmpty(await admin.send('POST', `${path}?member=cucumber:user:bob`), 404);
    assertEmpty(await admin.send('POST', path, 'members&member=cucumber:user:bob'), 404);
    assertError(await admin.send('POST', `${path}?members`), 422, 'argument_error', 'member');
  });

  it('is refused on roles that no policy defines: the administrator and the root policy', async () => {
    for (const own of ['user/admin', 'policy/root']) {
      for (const method of ['POST', 'DELETE']) {
        const answer = await admin.send(method, `/roles/cucumber/${own}?members&member=cucumber:user:bob`);
        assertEmpty(answer, 403);
      }
    }
  });

  it('has no route for PUT and PATCH', async () => {
    for (const method of ['PUT', 'PATCH'])
      assertEmpty(await admin.send(method, of('cucumber:user:bob')), 404);
  });

  it('outlasts a replacement of the policy that still declares the role', async () => {
    assertEmpty(await admin.send('POST', of('cucumber:user:bob')), 204);
    await on.world.load(policy);
    assert.deepEqual(await memberIds(), everybody);
  });

  it('goes with the role or the member, and is in the way of no replacement', async () => {
    assertEmpty(await admin.send('POST', of('cucumber:user:bob')), 204);
    await on.world.load(policy.replace('- !user bob\n', ''));
    assert.deepEqual(await memberIds(), ['policy:dev', 'user:alice']);
    await on.world.load(policy);
    assert.deepEqual(await memberIds(), ['policy:dev', 'user:alice']);
    assertEmpty(await admin.send('POST', of('cucumber:user:bob')), 204);
    await on.world.load('- !user alice\n- !user bob\n');
    await on.world.load(policy);
    assert.deepEqual(await memberIds(), ['policy:dev', 'user:alice']);
  });

  it('agrees with a policy that grants the same later', async () => {
    assertEmpty(await admin.send('POST', of('cucumber:user:bob')), 204);
    await on.world.load('- !grant { role: !group dev/developers, member: !user bob }', 'POST');
    assert.deepEqual(await memberIds(), everybody);
  });

  it('loses none of many that are added at the same time', async () => {
    const names = Array.from({ length: 8 }, (_, index) => `u${String(index)}`);
    await on.world.load(names.map((name) => `- !user ${name}\n`).join(''), 'POST');
    const answers = await Promise.all(names.map((name) => admin.send('POST', of(`cucumber:user:${name}`))));
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([204]));
    assert.deepEqual(await memberIds(), ['policy:dev', 'user:alice', ...names.map((name) => `user:${name}`)]);
  });

  it('records what was refused, too', async () => {
    const records = await on.world.recordsOf(async () => {
      await carol.send('DELETE', of('cucumber:user:alice'));
      await bob.send('POST', of('cucumber:user:bob'));
    });
    const member = (name: string): string =>
      `\\[subject@43868 role="${role}" member="cucumber:user:${name}"\\]`;
    assert.match(
      records[0] ?? '',
      new RegExp(`^<85> policy .*user:carol"\\]${member('alice')}.*"failure" operation="remove"`),
    );
    assert.match(
      records[1] ?? '',
      new RegExp(`^<85> policy .*user:bob"\\]${member('bob')}.*"failure" operation="add"`),
    );
  });
});
