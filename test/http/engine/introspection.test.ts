import assert from 'node:assert/strict';
import { claimsOf, post, tokensFor, userinfo, type Answer } from '../../support/engine-flow.ts';
import { engineStage } from '../../support/engine-stage.ts';

describe('introspection and revocation', () => {
  const stage = engineStage(async (server) => {
    await server.client('app');
    await server.client('jwt', { accessTokenFormat: 'jwt' });
    await server.client('other');
    await server.client('spa', { type: 'public', secrets: [] });
  });

  const introspect = (token: string | undefined, id = 'app', hint?: string): Promise<Answer> =>
    post(stage.server, '/api/one/introspect', { token, token_type_hint: hint }, { id });
  const revoke = (token: string | undefined, id = 'app', hint?: string): Promise<Answer> =>
    post(stage.server, '/api/one/revoke', { token, token_type_hint: hint }, { id });

  for (const id of ['app', 'jwt']) {
    it(`tells the client ${id} of its tokens, with the subject that its ID token has`, async () => {
      const tokens = await tokensFor(stage.server, id);
      for (const hint of [undefined, 'access_token', 'refresh_token']) {
        const { status, body } = await introspect(tokens['access_token'], id, hint);
        assert.equal(status, 200);
        const { active, sub, client_id, scope, iss, token_type, jti } = body;
        assert.deepEqual(
          { active, sub, client_id, scope, iss, token_type, jti },
          {
            active: true,
            sub: claimsOf(tokens['id_token']).sub,
            client_id: id,
            scope: 'openid profile',
            iss: stage.server.issuerUrl('one'),
            token_type: 'Bearer',
            jti: undefined,
          },
        );
      }
      assert.equal((await introspect(tokens['refresh_token'], id)).body['active'], true);
    });

    it(`revokes what ${id} got, and all that came of the same sign-in`, async () => {
      const tokens = await tokensFor(stage.server, id);
      assert.equal((await revoke(tokens['access_token'], id)).status, 200);
      assert.deepEqual((await introspect(tokens['access_token'], id)).body, { active: false });
      assert.deepEqual((await introspect(tokens['refresh_token'], id)).body, { active: false });
      assert.equal((await userinfo(stage.server, String(tokens['access_token']))).status, 401);
    });
  }

  it('takes no token by what it is kept as', async () => {
    const tokens = await tokensFor(stage.server, 'jwt');
    const dotless = String(tokens['access_token']).replaceAll('.', '~');
    assert.deepEqual((await introspect(dotless, 'jwt')).body, { active: false });
    const jti = String(claimsOf(tokens['access_token']).jti);
    assert.deepEqual((await introspect(jti, 'jwt')).body, { active: false });
  });

  it('says nothing to other clients, unless the token is for them', async () => {
    const tokens = await tokensFor(stage.server, 'app');
    assert.deepEqual((await introspect(tokens['access_token'], 'other')).body, { active: false });
    const form = {
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token: tokens['access_token'],
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      audience: 'other',
    };
    const { body } = await post(stage.server, '/api/one/token', form, { id: 'app' });
    assert.equal((await introspect(String(body['access_token']), 'other')).body['active'], true);
  });

  it('says nothing to public clients, who cannot prove who asks', async () => {
    const tokens = await tokensFor(stage.server, 'app');
    const answer = await post(stage.server, '/api/one/introspect', {
      token: tokens['access_token'],
      client_id: 'spa',
    });
    assert.equal(answer.body['active'], false);
  });

  it('calls a token inactive once its role may not use the client', async () => {
    await stage.server.client('assigned', { assignments: ['acct:user:alice'] });
    const tokens = await tokensFor(stage.server, 'assigned');
    await stage.server.client('assigned', { assignments: ['acct:user:bob'] });
    assert.deepEqual((await introspect(tokens['access_token'], 'assigned')).body, { active: false });
  });

  it('answers 200 for tokens that are unknown or another client’s, and leaves those alone', async () => {
    const tokens = await tokensFor(stage.server, 'app');
    assert.equal((await revoke('unknown')).status, 200);
    assert.equal((await revoke(tokens['access_token'], 'other')).status, 200);
    assert.equal((await introspect(tokens['access_token'])).body['active'], true);
  });

  it('asks for the client’s credentials', async () => {
    for (const path of ['introspect', 'revoke']) {
      const wrong = await post(
        stage.server,
        `/api/one/${path}`,
        { token: 'x' },
        { id: 'app', secret: 'wrong' },
      );
      assert.deepEqual([wrong.status, wrong.body['error']], [401, 'invalid_client']);
      assert.match(wrong.headers.get('www-authenticate') ?? '', /^Basic /);
    }
  });
});
