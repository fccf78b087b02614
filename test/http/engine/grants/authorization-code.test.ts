import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  claimsOf,
  codeFor,
  headerOf,
  lastReason,
  post,
  redeem,
  tokensFor,
  userinfo,
  verifier,
  callback,
} from '../../../support/engine-flow.ts';
import { engineStage } from '../../../support/engine-stage.ts';

describe('the code grant', () => {
  const stage = engineStage(async (server) => {
    await server.client('app');
    await server.client('other');
    await server.client('spa', { type: 'public', secrets: [] });
  });

  it('answers with tokens that are bound to one another, and are not to be stored', async () => {
    const code = await codeFor(stage.server, 'app', { changes: { nonce: 'n-1' } });
    const { status, body, headers } = await redeem(stage.server, 'app', code);
    assert.equal(status, 200);
    assert.deepEqual(
      [body['token_type'], body['expires_in'], body['scope']],
      ['Bearer', 300, 'openid profile'],
    );
    assert.equal(headers.get('cache-control'), 'no-store');
    const claims = claimsOf(body['id_token']);
    const half = (value: unknown): string =>
      createHash('sha256').update(String(value)).digest().subarray(0, 16).toString('base64url');
    assert.deepEqual([claims['at_hash'], claims['c_hash']], [half(body['access_token']), half(code)]);
    assert.deepEqual(
      [claims.iss, claims.aud, claims['nonce']],
      [stage.server.issuerUrl('one'), 'app', 'n-1'],
    );
    assert.equal((claims.exp ?? 0) - (claims.iat ?? 0), 600);
    assert.equal(claims['login'], 'acct:user:alice');
    assert.deepEqual(Object.keys(headerOf(body['id_token'])), ['alg', 'kid']);
  });

  it('takes a code once, and ends what it gave when it comes again', async () => {
    const code = await codeFor(stage.server, 'app');
    const { body } = await redeem(stage.server, 'app', code);
    const again = await redeem(stage.server, 'app', code);
    assert.deepEqual([again.status, again.body['error']], [400, 'invalid_grant']);
    assert.equal((await userinfo(stage.server, String(body['access_token']))).status, 401);
    const refresh = { grant_type: 'refresh_token', refresh_token: String(body['refresh_token']) };
    assert.equal((await post(stage.server, '/api/one/token', refresh, { id: 'app' })).status, 400);
  });

  for (const [what, changes, reason] of [
    ['another redirect URI', { redirect_uri: `${callback}/` }, /redirect URI/],
    ['another verifier', { code_verifier: 'x'.repeat(43) }, /verifier does not fit/],
    ['no verifier', { code_verifier: undefined }, /verifier is missing/],
  ] as const) {
    it(`refuses ${what} and leaves the code usable`, async () => {
      const code = await codeFor(stage.server, 'app');
      const refused = await redeem(stage.server, 'app', code, changes);
      assert.deepEqual([refused.status, refused.body['error']], [400, 'invalid_grant']);
      assert.match(lastReason(stage.server) ?? '', reason);
      assert.equal((await redeem(stage.server, 'app', code)).status, 200);
    });
  }

  it('refuses a verifier where there was no challenge', async () => {
    const changes = { code_challenge: undefined, code_challenge_method: undefined };
    const code = await codeFor(stage.server, 'app', { changes });
    assert.equal((await redeem(stage.server, 'app', code)).body['error'], 'invalid_grant');
    assert.equal((await redeem(stage.server, 'app', code, { code_verifier: undefined })).status, 200);
  });

  it('refuses a code of another client', async () => {
    const code = await codeFor(stage.server, 'app');
    assert.equal((await redeem(stage.server, 'other', code)).body['error'], 'invalid_grant');
  });

  it('redeems for a public client by its id and the verifier alone', async () => {
    const code = await codeFor(stage.server, 'spa');
    const form = { grant_type: 'authorization_code', code, redirect_uri: callback, client_id: 'spa' };
    assert.equal((await post(stage.server, '/api/one/token', form)).body['error'], 'invalid_grant');
    const withSecret = { ...form, code_verifier: verifier, client_secret: 'secret' };
    assert.equal((await post(stage.server, '/api/one/token', withSecret)).status, 401);
    const right = await post(stage.server, '/api/one/token', { ...form, code_verifier: verifier });
    assert.equal(right.status, 200);
  });

  it('asks at redemption whether the role may use the client', async () => {
    await stage.server.client('assigned', { assignments: ['acct:user:alice'] });
    const code = await codeFor(stage.server, 'assigned');
    await stage.server.client('assigned', { assignments: ['acct:user:bob'] });
    assert.equal((await redeem(stage.server, 'assigned', code)).body['error'], 'invalid_grant');
    assert.equal(lastReason(stage.server), 'not assigned');
  });

  it('takes other lifetimes and another form of access tokens at once when the client changes', async () => {
    await stage.server.client('app', { accessTokenTtlSeconds: 77 });
    assert.equal((await tokensFor(stage.server, 'app'))['expires_in'], 77);
    await stage.server.client('app', { accessTokenFormat: 'jwt' });
    const { access_token: token } = await tokensFor(stage.server, 'app');
    assert.equal(headerOf(token).typ, 'at+jwt');
    await stage.server.client('app');
  });

  it('keeps claims of the protocol from being replaced by a dialect’s', async () => {
    const claims = claimsOf((await tokensFor(stage.server, 'app'))['id_token']);
    assert.equal(claims.iss, stage.server.issuerUrl('one'));
    assert.equal(claims['nonce'], undefined);
  });
});
