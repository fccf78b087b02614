/** What becomes of a sign-in when those that it is of change. */
import assert from 'node:assert/strict';
import { load } from '../../support/client.ts';
import { describeOnStores } from '../../support/on-stores.ts';
import { oauthErrorOf, OpenIdWorld, type Application } from '../../support/openid-world.ts';
import { assertAway, assertPage, type Visitor } from '../../support/visitor.ts';
import * as oidc from 'openid-client';

describeOnStores('a sign-in in a browser', (on) => {
  let world: OpenIdWorld;
  let app: Application;
  before(async () => {
    world = await OpenIdWorld.of(on.service);
    app = await world.vaultClient('rp');
  });

  const makeUser = async (name: string): Promise<string> => {
    const { created_roles: created } = await load(world.admin, `- !user ${name}`);
    return created[`${on.service.account}:user:${name}`]?.api_key ?? assert.fail(name);
  };
  const removeUser = async (name: string): Promise<void> => {
    await load(world.admin, `- !delete { record: !user ${name} }`, 'root', 'PATCH');
  };
  const codeFor = async (visitor: Visitor, login: string, secret: string) => {
    const begun = app.begin();
    const form = assertPage(await visitor.open(begun.url), 'Sign in');
    return { begun, returned: assertAway(await visitor.submit(form, { login, secret })) };
  };

  it('gives no tokens for a code once its role is gone', async () => {
    const { begun, returned } = await codeFor(world.visitor(), 'brief', await makeUser('brief'));
    await removeUser('brief');
    assert.equal(await oauthErrorOf(app.redeem(begun, returned)), 'invalid_request');
  });

  it('ends with its role: nobody is described, refreshed or signed in any more', async () => {
    const visitor = world.visitor();
    const { begun, returned } = await codeFor(visitor, 'leaver', await makeUser('leaver'));
    const tokens = await app.redeem(begun, returned);
    await removeUser('leaver');
    await assert.rejects(app.userinfo(tokens));
    const refreshed = oidc.refreshTokenGrant(app.configuration, tokens.refresh_token ?? '');
    assert.equal(await oauthErrorOf(refreshed), 'invalid_grant');
    const { searchParams } = assertAway(await visitor.open(app.begin({ prompt: 'none' }).url));
    assert.equal(searchParams.get('error'), 'login_required');
    assertPage(await visitor.open(app.begin().url), 'Sign in');
  });

  it('is not that of a role of the same name that is made afterwards', async () => {
    const visitor = world.visitor();
    const first = await codeFor(visitor, 'again', await makeUser('again'));
    const before = await app.redeem(first.begun, first.returned);
    const unused = await codeFor(world.visitor(), 'again', await rotatedKey('again'));
    await removeUser('again');
    const secret = await makeUser('again');
    assert.equal(await oauthErrorOf(app.redeem(unused.begun, unused.returned)), 'invalid_request');
    await assert.rejects(app.userinfo(before));
    const { searchParams } = assertAway(await visitor.open(app.begin({ prompt: 'none' }).url));
    assert.equal(searchParams.get('error'), 'login_required');
    const second = await codeFor(visitor, 'again', secret);
    const after = await app.redeem(second.begun, second.returned);
    assert.notEqual(after.claims()?.sub, before.claims()?.sub);
    assert.equal((await app.userinfo(after)).sub, after.claims()?.sub);
  });

  const rotatedKey = async (name: string): Promise<string> => {
    const role = encodeURIComponent(`user:${name}`);
    const answer = await world.admin.send('PUT', `/authn/${on.service.account}/api_key?role=${role}`);
    assert.equal(answer.status, 200);
    return answer.text;
  };

  it('ends with the API key of its role, as do its codes and refresh tokens; access tokens do not', async () => {
    const visitor = world.visitor();
    const secret = await makeUser('renewed');
    const { begun, returned } = await codeFor(visitor, 'renewed', secret);
    const tokens = await app.redeem(begun, returned);
    const unused = await codeFor(world.visitor(), 'renewed', secret);
    const renewed = await rotatedKey('renewed');
    assert.equal(await oauthErrorOf(app.redeem(unused.begun, unused.returned)), 'invalid_grant');
    const refreshed = oidc.refreshTokenGrant(app.configuration, tokens.refresh_token ?? '');
    assert.equal(await oauthErrorOf(refreshed), 'invalid_grant');
    assert.equal((await app.userinfo(tokens)).sub, tokens.claims()?.sub);
    const { searchParams } = assertAway(await visitor.open(app.begin({ prompt: 'none' }).url));
    assert.equal(searchParams.get('error'), 'login_required');
    const second = await codeFor(visitor, 'renewed', renewed);
    const anew = await app.redeem(second.begun, second.returned);
    assert.equal(anew.claims()?.sub, tokens.claims()?.sub);
    assertAway(await visitor.open(app.begin({ prompt: 'none' }).url));
    await oidc.refreshTokenGrant(app.configuration, anew.refresh_token ?? '');
  });

  it('gives way to somebody else who signs in, whose tokens are then given', async () => {
    const visitor = world.visitor();
    const first = await app.signIn(visitor);
    const second = await app.signIn(visitor, { prompt: 'login' }, 'bea');
    assert.notEqual(second.claims()?.sub, first.claims()?.sub);
    const begun = app.begin({ prompt: 'none' });
    const third = await app.redeem(begun, assertAway(await visitor.open(begun.url)));
    assert.equal(third.claims()?.sub, second.claims()?.sub);
  });

  it('is one at its issuer alone', async () => {
    const visitor = world.visitor();
    await app.signIn(visitor);
    const other = await world.akeylessApp('elsewhere');
    assertPage(await visitor.open(other.begin().url), 'Sign in');
    assertAway(await visitor.open(app.begin({ prompt: 'none' }).url));
  });

  it('that is pending ends with its client', async () => {
    const doomed = await world.vaultClient('doomed');
    const visitor = world.visitor();
    const form = assertPage(await visitor.open(doomed.begin().url), 'Sign in');
    await world.vault.write('identity/oidc/client/doomed', { disabled: true });
    const credential = { login: 'ada', secret: world.apiKeyOf('ada') };
    assertPage(await visitor.submit(form, credential), 'This page cannot be shown', 404);
    assertPage(await visitor.open(doomed.begin().url), 'You cannot sign in', 400);
  });

  it('of somebody whom no assignment of the client names comes back with access_denied, and why is recorded', async () => {
    await world.vault.write('identity/oidc/assignment/nobody', {});
    const closed = await world.vaultClient('closed', { assignments: ['nobody'] });
    const visitor = world.visitor();
    const stop = await closed.enter(visitor, await visitor.open(closed.begin().url));
    assert.equal(assertAway(stop).searchParams.get('error'), 'access_denied');
    assert.match(
      (await on.service.auditLines()).at(-1) ?? '',
      /acct:user:ada was not signed in .*no assignment/,
    );
  });
});
