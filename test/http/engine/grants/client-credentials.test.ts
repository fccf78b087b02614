import assert from 'node:assert/strict';
import { LatchkeyError } from '../../../../src/domain/errors.ts';
import { claimsOf, headerOf, post, userinfo, type Answer, type Form } from '../../../support/engine-flow.ts';
import { engineStage } from '../../../support/engine-stage.ts';

describe('the client credentials grant', () => {
  const stage = engineStage(async (server) => {
    await server.client('app', { scopes: ['api:read', '*:config/**'] });
    await server.client('jwt', { accessTokenFormat: 'jwt' });
    await server.client('spa', { type: 'public', secrets: [] });
    await server.client('without', { dialect: 'akeyless', grants: ['authorization_code'] });
  });

  const ask = (id: string, form: Form = {}): Promise<Answer> =>
    post(stage.server, '/api/one/token', { grant_type: 'client_credentials', ...form }, { id });

  it('gives an access token alone', async () => {
    const { status, body } = await ask('app', { scope: 'api:read' });
    assert.equal(status, 200);
    assert.deepEqual(Object.keys(body).sort(), ['access_token', 'expires_in', 'scope', 'token_type']);
    const found = await (
      await stage.server.engine.issuer(stage.server.spec('one'))
    ).findAccessToken(await stage.server.view(), String(body['access_token']));
    assert.deepEqual([found?.clientId, found?.scopes, found?.subjectKey], ['app', ['api:read'], undefined]);
  });

  it('takes scopes with any character that RFC 6749 allows', async () => {
    assert.equal((await ask('app', { scope: '*:config/**' })).body['scope'], '*:config/**');
  });

  it('refuses an unknown scope as a whole', async () => {
    const { status, body } = await ask('app', { scope: 'api:read api:write' });
    assert.deepEqual([status, body['error']], [400, 'invalid_scope']);
  });

  it('gives a signed token where the client has those, of and for itself', async () => {
    const { body } = await ask('jwt', { audience: 'https://api.example' });
    const claims = claimsOf(body['access_token']);
    assert.equal(headerOf(body['access_token']).typ, 'at+jwt');
    assert.deepEqual([claims.sub, claims['client_id'], claims.aud], ['jwt', 'jwt', 'https://api.example']);
  });

  it('refuses an audience that is not registered', async () => {
    assert.equal((await ask('jwt', { audience: 'https://evil.example' })).body['error'], 'invalid_target');
  });

  it('refuses public clients, which have no credentials', async () => {
    const form = { grant_type: 'client_credentials', client_id: 'spa' };
    assert.equal((await post(stage.server, '/api/one/token', form)).body['error'], 'unauthorized_client');
  });

  it('refuses a client that does not list the grant', async () => {
    const { status, body } = await ask('without');
    assert.deepEqual([status, body['error']], [400, 'unauthorized_client']);
  });

  it('gives a token that says nothing at userinfo', async () => {
    const { body } = await ask('app');
    assert.equal((await userinfo(stage.server, String(body['access_token']))).status, 401);
  });
});

describe('the client credentials grant of a dialect with policies', () => {
  const stage = engineStage(
    async (server) => {
      await server.client('app');
    },
    {
      spec: {
        scopesAllowed: (_view, _client, scopes) => {
          if (scopes.includes('no'))
            throw new LatchkeyError('OAUTH_INVALID_SCOPE', { detail: 'by policy', advice: 'not that' });
          return scopes.filter((scope) => scope !== 'dropped');
        },
        lifetimes: () => ({ accessTokenSeconds: 42 }),
      },
    },
  );

  it('lets the dialect decide on scopes and lifetimes', async () => {
    const form = { grant_type: 'client_credentials', scope: 'x dropped' };
    const { body } = await post(stage.server, '/api/one/token', form, { id: 'app' });
    assert.deepEqual([body['scope'], body['expires_in']], ['x', 42]);
    const refused = await post(stage.server, '/api/one/token', { ...form, scope: 'no' }, { id: 'app' });
    assert.deepEqual(refused.body, { error: 'invalid_scope', error_description: 'not that' });
  });
});
