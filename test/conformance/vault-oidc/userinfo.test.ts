/** The UserInfo endpoint of Vault's providers. */
import assert from 'node:assert/strict';
import { load, send, type Answer } from '../../support/client.ts';
import { describeOnStores } from '../../support/on-stores.ts';
import {
  askTokens,
  askUserinfo,
  assertRefused,
  codeOf,
  flowWorld,
  tokensIn,
  type Client,
  type FlowWorld,
} from '../../support/vault-flow-world.ts';

function assertUserinfoHeaders({ headers, status }: Answer, error?: string): void {
  assert.equal(headers.get('content-type'), 'application/json');
  assert.equal(headers.get('access-control-allow-origin'), '*');
  const challenge = headers.get('www-authenticate');
  if (status !== 401 && error !== 'invalid_request') assert.equal(challenge, null);
  else assert.match(challenge ?? '', new RegExp(`^Bearer error="${error ?? ''}",error_description="[^"]+"$`));
}

describeOnStores('Vault: userinfo', (on) => {
  let world: FlowWorld;
  let token: string;
  let accessToken: string;

  before(async () => {
    world = await flowWorld(on.service);
    token = await world.tokenOf('end-user');
    accessToken = await accessTokenOf();
    await world.provideForAll();
  });

  const accessTokenOf = async ({
    scope = 'openid test-scope',
    client = world.main,
    provider = 'test-provider',
    by = token,
  }: {
    readonly scope?: string;
    readonly client?: Client;
    readonly provider?: string;
    readonly by?: string;
  } = {}): Promise<string> => {
    const code = await codeOf(world, by, { client_id: client.id, scope }, provider);
    return tokensIn(await askTokens(world, { code }, { provider, client })).access_token;
  };

  const refused = (answer: Answer, status: number, error: string): void => {
    assertRefused(answer, status, error);
    assertUserinfoHeaders(answer, error);
  };

  for (const method of ['GET', 'POST']) {
    it(`tells by ${method} what the scopes of the token say`, async () => {
      const answer = await askUserinfo(world, accessToken, { method });
      assert.equal(answer.status, 200);
      assertUserinfoHeaders(answer);
      assert.deepEqual(answer.json(), {
        sub: world.idOf('user:end-user'),
        username: 'end-user',
        groups: ['company', 'engineering'],
        contact: { email: 'vault@hashicorp.com', phone_number: '123-456-7890' },
      });
    });
  }

  it('tells the subject alone of a token without further scopes', async () => {
    const answer = await askUserinfo(world, await accessTokenOf({ scope: 'openid' }));
    assert.deepEqual(answer.json(), { sub: world.idOf('user:end-user') });
  });

  it('tells nothing of scopes that the provider no longer supports', async () => {
    const path = 'identity/oidc/provider/fading';
    await world.vault.write(path, { allowed_client_ids: ['*'], scopes_supported: ['test-scope'] });
    const fading = await accessTokenOf({ provider: 'fading' });
    await world.vault.write(path, { scopes_supported: [] });
    const answer = await askUserinfo(world, fading, { provider: 'fading' });
    assert.deepEqual(answer.json(), { sub: world.idOf('user:end-user') });
  });

  it('tells of groups and metadata as they are now', async () => {
    await load(
      world.admin,
      '- !group night-shift\n- !grant { role: !group night-shift, member: !user end-user }',
    );
    const groups = async (): Promise<unknown> =>
      ((await askUserinfo(world, accessToken)).json() as { groups: unknown }).groups;
    assert.deepEqual(await groups(), ['company', 'engineering', 'night-shift']);
    await load(
      world.admin,
      '- !revoke { role: !group night-shift, member: !user end-user }',
      'root',
      'PATCH',
    );
    assert.deepEqual(await groups(), ['company', 'engineering']);
  });

  it('answers 401 invalid_token without a token, and to one that is unknown, of a session or of Basic', async () => {
    const url = `${world.issuer()}/userinfo`;
    refused(await send(url, 'GET'), 401, 'invalid_token');
    const basic = Buffer.from(`${world.main.id}:${world.main.secret}`).toString('base64');
    for (const authorization of [
      'Bearer b.unknown',
      `Bearer ${token}`,
      `Basic ${basic}`,
      `bearer ${accessToken}`,
    ]) {
      refused(await send(url, 'GET', { headers: { authorization } }), 401, 'invalid_token');
    }
  });

  it('answers 401 invalid_token where the token came in X-Vault-Token, also beside a good one', async () => {
    const url = `${world.issuer()}/userinfo`;
    const authorization = `Bearer ${accessToken}`;
    for (const headers of [
      { 'x-vault-token': accessToken },
      { 'x-vault-token': accessToken, authorization },
    ]) {
      refused(await send(url, 'GET', { headers }), 401, 'invalid_token');
    }
  });

  it('takes no token from a query or a body', async () => {
    const url = `${world.issuer()}/userinfo`;
    refused(await send(`${url}?access_token=${accessToken}`, 'GET'), 401, 'invalid_token');
    const body = new URLSearchParams({ access_token: accessToken });
    refused(await send(url, 'POST', { body }), 401, 'invalid_token');
  });

  it('answers 401 invalid_token to the token of another provider', async () => {
    refused(await askUserinfo(world, accessToken, { provider: 'all' }), 401, 'invalid_token');
  });

  it('answers 400 invalid_request where the provider is gone', async () => {
    await world.vault.write('identity/oidc/provider/leaving', { allowed_client_ids: ['*'] });
    const leaving = await accessTokenOf({ provider: 'leaving', scope: 'openid' });
    await world.vault.remove('identity/oidc/provider/leaving');
    refused(await askUserinfo(world, leaving, { provider: 'leaving' }), 400, 'invalid_request');
  });

  it('takes no token of a provider that was deleted and made again', async () => {
    const path = 'identity/oidc/provider/again';
    await world.vault.write(path, { allowed_client_ids: ['*'] });
    const before = await accessTokenOf({ provider: 'again', scope: 'openid' });
    const code = await codeOf(world, token, {}, 'again');
    await world.vault.remove(path);
    await world.vault.write(path, { allowed_client_ids: ['*'] });
    refused(await askUserinfo(world, before, { provider: 'again' }), 401, 'invalid_token');
    assertRefused(await askTokens(world, { code }, { provider: 'again' }), 400, 'invalid_grant');
  });

  it('answers 403 access_denied where the client is gone or disabled', async () => {
    for (const end of [
      () => world.vault.remove('identity/oidc/client/ending'),
      () => world.vault.write('identity/oidc/client/ending', { disabled: true }),
    ]) {
      const client = await world.client('ending');
      const ending = await accessTokenOf({ client, provider: 'all' });
      assert.equal((await askUserinfo(world, ending, { provider: 'all' })).status, 200);
      await end();
      refused(await askUserinfo(world, ending, { provider: 'all' }), 403, 'access_denied');
    }
  });

  it('answers 403 access_denied where the user is no longer assigned', async () => {
    await world.vault.write('identity/oidc/assignment/by-group', {
      group_ids: [world.idOf('group:company')],
    });
    const client = await world.client('by-group', { assignments: ['by-group'] });
    const byGroup = await accessTokenOf({ client, provider: 'all' });
    await load(
      world.admin,
      '- !revoke { role: !group engineering, member: !user end-user }',
      'root',
      'PATCH',
    );
    const answer = await askUserinfo(world, byGroup, { provider: 'all' });
    await load(world.admin, '- !grant { role: !group engineering, member: !user end-user }');
    refused(answer, 403, 'access_denied');
    assert.equal((await askUserinfo(world, byGroup, { provider: 'all' })).status, 200);
  });

  it('answers 403 access_denied where the provider no longer allows the client', async () => {
    const path = 'identity/oidc/provider/closing';
    await world.vault.write(path, { allowed_client_ids: [world.main.id], scopes_supported: ['test-scope'] });
    const closing = await accessTokenOf({ provider: 'closing' });
    await world.vault.write(path, { allowed_client_ids: [] });
    refused(await askUserinfo(world, closing, { provider: 'closing' }), 403, 'access_denied');
  });

  it('answers 400 invalid_request where the scopes have come to claim the same', async () => {
    await world.vault.write('identity/oidc/scope/later', { template: '{"other": 1}' });
    const path = 'identity/oidc/provider/clashing';
    await world.vault.write(path, { allowed_client_ids: ['*'], scopes_supported: ['test-scope', 'later'] });
    const clashing = await accessTokenOf({ provider: 'clashing', scope: 'openid test-scope later' });
    await world.vault.write('identity/oidc/scope/later', { template: '{"username": 1}' });
    refused(await askUserinfo(world, clashing, { provider: 'clashing' }), 400, 'invalid_request');
  });

  it('answers 401 invalid_token once the user was removed, also to one of the same name', async () => {
    const signedIn = async (): Promise<string> => {
      const { created_roles: made } = await load(world.admin, '- !user leaver');
      const key = made[`${on.service.account}:user:leaver`]?.api_key ?? '';
      const path = `/authn/${on.service.account}/leaver/authenticate`;
      return Buffer.from((await send(on.service.url + path, 'POST', { body: key })).text).toString('base64');
    };
    const client = await world.client('for-all', { assignments: ['allow_all'] });
    const leaving = await accessTokenOf({ client, provider: 'all', by: await signedIn() });
    assert.equal((await askUserinfo(world, leaving, { provider: 'all' })).status, 200);
    await load(world.admin, '- !delete { record: !user leaver }', 'root', 'PATCH');
    refused(await askUserinfo(world, leaving, { provider: 'all' }), 401, 'invalid_token');
    await signedIn();
    refused(await askUserinfo(world, leaving, { provider: 'all' }), 401, 'invalid_token');
  });

  it('records whom it told of to which client, and why it did not', async () => {
    await askUserinfo(world, accessToken);
    await askUserinfo(world, accessToken, { provider: 'all' });
    const lines = (await on.service.auditLines()).filter((line) => line.includes('userinfo'));
    assert.ok(lines.some((line) => line.includes('user:end-user') && line.includes(world.main.id)));
    assert.ok(lines.some((line) => line.includes('invalid_token: no access token that is known here')));
    assert.ok(!lines.some((line) => line.includes(accessToken)));
  });
});
