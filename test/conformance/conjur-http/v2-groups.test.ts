import assert from 'node:assert/strict';
import { load, signIn, signInAs, type Answer, type Session } from '../../support/client.ts';
import { describeOnStores } from '../../support/on-stores.ts';
import { assertEmpty } from '../../support/conjur-world.ts';
import { assertAnswer, assertRefused, owner, sendV2 } from '../../support/versioned-api.ts';

const policy = `
- !group top
- !policy
  id: data
  body:
    - &groups
      - !group one
      - !group two
    - !host app
    - !user maker
    - !user changer
    - !policy deep
    - !permit { role: [!user maker, !user changer], privileges: [read], resource: *groups }
    - !permit { role: [!user maker, !user changer], privileges: [read], resource: !host app }
    - !grant { role: !group two, member: !user maker }
- !permit { role: !user maker@data, privileges: [create], resource: !policy data }
- !permit { role: !user changer@data, privileges: [update], resource: !policy data }
- !user hidden
`;

describeOnStores('group members', (on) => {
  let admin: Session;
  let maker: Session;
  let changer: Session;

  before(async () => {
    admin = await signIn(on.service);
    const as = signInAs(on.service, await load(admin, policy));
    [maker, changer] = [await as('maker@data'), await as('changer@data')];
  });

  const add = (group: string, body: unknown, session = admin): Promise<Answer> =>
    sendV2(session, 'POST', `/groups/acct/${group}/members`, body);
  const remove = (group: string, member: string, session = admin): Promise<Answer> =>
    sendV2(session, 'DELETE', `/groups/acct/${group}/members/${member}`);
  const app = owner('host', 'data/app');

  it('are put in by who has create on the branch, and taken out by who has update', async () => {
    assertRefused(await add('data/one', app, changer), 404, "Branch 'data' not found in account 'acct'");
    assertAnswer(await add('data/one', app, maker), 201, app);
    assertRefused(
      await remove('data/one', 'host/data/app', maker),
      404,
      "Branch 'data' not found in account 'acct'",
    );
    assertEmpty(await remove('data/one', 'host/data/app', changer), 204);
  });

  it('may be named with a slash at the front, and are answered without it', async () => {
    assertAnswer(await add('data/one', owner('host', '/data/app')), 201, app);
    assertEmpty(await remove('data/one', 'host/data%2Fapp'), 204);
  });

  it('are put into a group at the top', async () => {
    const user = owner('user', 'maker@data');
    assertAnswer(await add('top', user), 201, user);
    assertEmpty(await remove('top', 'user/maker@data'), 204);
    const group = owner('group', 'data/one');
    assertAnswer(await add('top', group), 201, group);
    assertEmpty(await remove('top', 'group/data/one'), 204);
  });

  it('are put in once', async () => {
    assertRefused(
      await add('data/two', owner('user', 'maker@data')),
      409,
      "CONJ00180W '/maker@data' (kind='user') is already a member of 'acct:group:data/two'",
    );
  });

  it('are taken out whichever policy put them in', async () => {
    assertEmpty(await remove('data/two', 'user/maker@data'), 204);
    assertAnswer(await add('data/two', owner('user', 'maker@data')), 201, owner('user', 'maker@data'));
  });

  it('have what their group may at once, and no longer', async () => {
    await load(
      admin,
      '- !variable v\n- !permit { role: !group one, privileges: [read], resource: !variable v }',
      'data',
    );
    const seen = async (): Promise<number> =>
      (await changer.send('GET', '/resources/acct/variable/data%2Fv')).status;
    assert.equal(await seen(), 404);
    await add('data/one', owner('user', 'changer@data'));
    assert.equal(await seen(), 200);
    await remove('data/one', 'user/changer@data');
    assert.equal(await seen(), 404);
  });

  it('that are not in are not found', async () => {
    assertRefused(
      await remove('data/one', 'host/data/app'),
      404,
      "CONJ00181W 'data/app' (kind='host') isn't a member of '/data/one'",
    );
  });

  it('by ownership stay', async () => {
    const answer = await remove('top', 'user/admin');
    assertRefused(answer, 404, "CONJ00181W 'admin' (kind='user') isn't a member of '/top'");
  });

  it('are no group of their own', async () => {
    for (const id of ['data/one', '/data/one']) {
      assertRefused(
        await add('data/one', owner('group', id)),
        422,
        "CONJ00191W The value in the Member ID parameter is not valid. Error: The 'data/one' group cannot be a member of itself",
      );
    }
  });

  it('must be there, and visible', async () => {
    assertRefused(
      await add('data/one', owner('host', 'data/nope')),
      422,
      "Host 'data/nope' not found in account 'acct'",
    );
    assertRefused(
      await add('data/one', owner('user', 'hidden'), maker),
      422,
      "User 'hidden' not found in account 'acct'",
    );
    assertRefused(
      await remove('data/one', 'user/hidden', changer),
      422,
      "User 'hidden' not found in account 'acct'",
    );
  });

  it('are in a group that must be there', async () => {
    assertRefused(await add('data/nope', app), 404, "Group 'data/nope' not found in account 'acct'");
    assertRefused(await add('data/nope/one', app), 404, "Branch 'data/nope' not found in account 'acct'");
    assertRefused(await add('nope', app), 404, "Group 'nope' not found in account 'acct'");
  });

  for (const [title, body, message] of [
    ['a policy', owner('policy', 'data'), "Kind 'policy' is not a valid member kind"],
    ['a blank', owner(' ', 'x'), 'CONJ00190W Missing required parameter: '],
    ['a host with an @', owner('host', 'a@b'), "Id Wrong path 'a@b'"],
    ['an id of 501 characters', owner('host', 'h'.repeat(501)), 'Id is too long (maximum is 500 characters)'],
    [
      'a path that is too deep',
      owner('group', `${'d/'.repeat(15)}d`),
      'The number of identifier nesting exceeds maximum depth of 15',
    ],
    ['what has no id', { kind: 'host' }, 'CONJ00190W Missing required parameter: id'],
    ['what has more than kind and id', { ...app, admin: true }, 'Unexpected parameters: admin'],
  ] as const) {
    it(`cannot be ${title}`, async () => {
      assertRefused(await add('data/one', body), 422, message);
    });
  }

  it('to take out have a kind and an id', async () => {
    assertRefused(await remove('data/one', 'layer/data/app'), 422, "Kind 'layer' is not a valid member kind");
    assertRefused(await remove('data/one', 'host'), 422, 'CONJ00190W Missing required parameter: id');
    assertRefused(await remove('data/one', 'host/data/app?x=1'), 422, 'Unexpected parameters: x');
  });

  it('are looked at only by who may use the branch', async () => {
    assertRefused(
      await add('data/deep/x', owner('layer', ''), maker),
      422,
      'CONJ00190W Missing required parameter: ',
    );
    assertRefused(
      await add('data/deep/x', owner('layer', 'x'), maker),
      404,
      "Branch 'data/deep' not found in account 'acct'",
    );
  });

  it('are put in by one of those who do so at once', async () => {
    const answers = await Promise.all(Array.from({ length: 6 }, () => add('data/one', app)));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 409, 409, 409, 409, 409]);
  });
});
