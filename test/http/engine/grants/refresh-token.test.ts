import assert from 'node:assert/strict';
import {
  claimsOf,
  lastReason,
  post,
  tokensFor,
  userinfo,
  type Answer,
} from '../../../support/engine-flow.ts';
import { engineStage } from '../../../support/engine-stage.ts';

describe('the refresh grant', () => {
  const stage = engineStage(async (server) => {
    await server.client('app');
    await server.client('plain', { grants: ['authorization_code'] });
    await server.client('other');
  });

  const refresh = (
    token: string | undefined,
    changes: Readonly<Record<string, string>> = {},
    id = 'app',
  ): Promise<Answer> =>
    post(
      stage.server,
      '/api/one/token',
      { grant_type: 'refresh_token', refresh_token: token, ...changes },
      { id },
    );

  it('gives no refresh token to a client without the grant, and does not know it there', async () => {
    const tokens = await tokensFor(stage.server, 'plain');
    assert.equal(tokens['refresh_token'], undefined);
    const answer = await refresh('x', {}, 'plain');
    assert.equal(answer.body['error'], 'unsupported_grant_type');
  });

  it('rotates the token and issues with the same scopes, attributes and time of authentication', async () => {
    const tokens = await tokensFor(stage.server, 'app', { changes: { nonce: 'n' } });
    const { status, body } = await refresh(tokens['refresh_token']);
    assert.equal(status, 200);
    assert.equal(body['scope'], 'openid profile');
    assert.notEqual(body['refresh_token'], tokens['refresh_token']);
    const [before, after] = [claimsOf(tokens['id_token']), claimsOf(body['id_token'])];
    assert.equal(after['auth_time'], before['auth_time']);
    assert.deepEqual([after.sub, after.aud, after['method']], [before.sub, 'app', 'test']);
    assert.equal(before['nonce'], 'n');
    assert.equal(after['nonce'], undefined);
    assert.equal((await userinfo(stage.server, String(body['access_token']))).status, 200);
  });

  it('ends the whole family when a token comes again', async () => {
    const tokens = await tokensFor(stage.server, 'app');
    const second = (await refresh(tokens['refresh_token'])).body;
    const again = await refresh(tokens['refresh_token']);
    assert.deepEqual([again.status, again.body['error']], [400, 'invalid_grant']);
    assert.match(lastReason(stage.server) ?? '', /used already/);
    assert.equal((await refresh(String(second['refresh_token']))).status, 400);
    assert.equal((await userinfo(stage.server, String(second['access_token']))).status, 401);
    assert.equal((await userinfo(stage.server, String(tokens['access_token']))).status, 401);
  });

  it('narrows scopes and never widens them', async () => {
    const tokens = await tokensFor(stage.server, 'app');
    const narrow = (await refresh(tokens['refresh_token'], { scope: 'openid' })).body;
    assert.equal(narrow['scope'], 'openid');
    const wide = await refresh(String(narrow['refresh_token']), { scope: 'openid profile' });
    assert.equal(wide.body['error'], 'invalid_scope');
    assert.equal(
      (await refresh(String(narrow['refresh_token']))).status,
      200,
      'a refused scope leaves it usable',
    );
  });

  it('refuses a token of another client', async () => {
    const tokens = await tokensFor(stage.server, 'app');
    assert.equal((await refresh(tokens['refresh_token'], {}, 'other')).body['error'], 'invalid_grant');
    assert.equal((await refresh(tokens['refresh_token'])).status, 200);
  });

  it('asks each time whether the role may use the client', async () => {
    await stage.server.client('assigned', { assignments: ['acct:user:alice'] });
    const tokens = await tokensFor(stage.server, 'assigned');
    await stage.server.client('assigned', { assignments: ['acct:user:bob'] });
    const refused = await refresh(tokens['refresh_token'], {}, 'assigned');
    assert.deepEqual([refused.status, refused.body['error']], [400, 'invalid_grant']);
    assert.doesNotMatch(JSON.stringify(refused.body), /assigned/);
    assert.equal(lastReason(stage.server), 'not assigned');
    await stage.server.client('assigned', { assignments: ['acct:user:alice'] });
    assert.equal((await refresh(tokens['refresh_token'], {}, 'assigned')).status, 200);
  });

  it('refuses a role that was removed, also when one of its name was made since', async () => {
    await stage.server.load('- !user carol');
    const tokens = await tokensFor(stage.server, 'app', { login: 'carol' });
    await stage.server.load('- !delete { record: !user carol }', 'update');
    assert.equal((await refresh(tokens['refresh_token'])).body['error'], 'invalid_grant');
    await stage.server.load('- !user carol');
    assert.equal((await refresh(tokens['refresh_token'])).body['error'], 'invalid_grant');
    assert.equal((await userinfo(stage.server, String(tokens['access_token']))).status, 401);
  });

  it('refuses a client that is disabled, or was removed, on the next request', async () => {
    await stage.server.client('fickle');
    const tokens = await tokensFor(stage.server, 'fickle');
    await stage.server.client('fickle', { disabled: true });
    assert.equal((await refresh(tokens['refresh_token'], {}, 'fickle')).status, 401);
    assert.equal((await userinfo(stage.server, String(tokens['access_token']))).status, 401);
    await stage.server.client('fickle');
    assert.equal((await userinfo(stage.server, String(tokens['access_token']))).status, 200);
  });

  it('lets a refresh token live from the sign-in, whatever rotates', async () => {
    await stage.server.client('brief', { refreshTokenTtlSeconds: 100 });
    const tokens = await tokensFor(stage.server, 'brief');
    stage.advance(60);
    const second = (await refresh(tokens['refresh_token'], {}, 'brief')).body;
    stage.advance(60);
    const late = await refresh(String(second['refresh_token']), {}, 'brief');
    assert.equal(late.body['error'], 'invalid_grant');
    assert.match(lastReason(stage.server) ?? '', /expired/);
  });
});
