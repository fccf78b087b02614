/** What providers of Vault's dialect serve beyond Vault: introspection, revocation, signing out. */
import assert from 'node:assert/strict';
import { send, type Answer } from '../../support/client.ts';
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
  type Tokens,
} from '../../support/vault-flow-world.ts';

describeOnStores('Vault: introspection and revocation at a provider', (on) => {
  let world: FlowWorld;
  let client: Client;
  let other: Client;

  before(async () => {
    world = await flowWorld(on.service);
    client = await world.client('refreshing', { refresh_token: true });
    other = await world.client('other');
    await world.provideForAll();
  });

  const tokens = async (): Promise<Tokens> => {
    const code = await codeOf(world, await world.tokenOf('end-user'), { client_id: client.id }, 'all');
    return tokensIn(await askTokens(world, { code }, { provider: 'all', client }));
  };

  const ask = (
    endpoint: 'introspect' | 'revoke',
    token: string,
    { as = client, json = false }: { readonly as?: Client; readonly json?: boolean } = {},
  ): Promise<Answer> =>
    send(`${world.issuer('all')}/${endpoint}`, 'POST', {
      headers: json
        ? {}
        : { authorization: `Basic ${Buffer.from(`${as.id}:${as.secret}`).toString('base64')}` },
      body: json
        ? JSON.stringify({ token, client_id: as.id, client_secret: as.secret })
        : new URLSearchParams({ token }),
    });

  it('say of a good token that it is', async () => {
    const { access_token: accessToken } = await tokens();
    for (const json of [false, true]) {
      const answer = await ask('introspect', accessToken, { json });
      assert.equal(answer.status, 200, answer.text);
      const said = answer.json() as Readonly<Record<string, unknown>>;
      assert.deepEqual([said['active'], said['client_id']], [true, client.id]);
    }
  });

  it('say of any other that it is not, and nothing else', async () => {
    const answer = await ask('introspect', 'b.unknown');
    assert.deepEqual(answer.json(), { active: false });
  });

  it('demand the credentials of a client', async () => {
    for (const endpoint of ['introspect', 'revoke'] as const) {
      const answer = await ask(endpoint, 'b.unknown', { as: { ...client, secret: 'wrong' } });
      assertRefused(answer, 401, 'invalid_client');
      assert.equal(answer.headers.get('www-authenticate'), 'Basic');
    }
  });

  it('end a token, and what came with it where it is a refresh token', async () => {
    const first = await tokens();
    const answer = await ask('revoke', first.access_token);
    assert.equal(answer.status, 200, answer.text);
    assertRefused(await askUserinfo(world, first.access_token, { provider: 'all' }), 401, 'invalid_token');
    assert.deepEqual((await ask('introspect', first.access_token)).json(), { active: false });

    const second = await tokens();
    assert.equal((await ask('revoke', second.refresh_token ?? '')).status, 200);
    assertRefused(await askUserinfo(world, second.access_token, { provider: 'all' }), 401, 'invalid_token');
    const again = {
      grant_type: 'refresh_token',
      redirect_uri: undefined,
      refresh_token: second.refresh_token,
    };
    assertRefused(await askTokens(world, again, { provider: 'all', client }), 400, 'invalid_grant');
  });

  it('have no fault with a token that is unknown', async () => {
    assert.equal((await ask('revoke', 'b.unknown')).status, 200);
  });

  it('leave alone what is of another client', async () => {
    const { access_token: accessToken } = await tokens();
    await ask('revoke', accessToken, { as: other });
    assert.equal((await askUserinfo(world, accessToken, { provider: 'all' })).status, 200);
  });

  it('answer at an unknown provider as the token endpoint does', async () => {
    for (const endpoint of ['introspect', 'revoke']) {
      const answer = await send(`${world.issuer('missing')}/${endpoint}`, 'POST', {
        body: new URLSearchParams({ token: 'x' }),
      });
      assertRefused(answer, 400, 'invalid_request');
    }
  });
});
