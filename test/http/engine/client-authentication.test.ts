import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { post, lastReason } from '../../support/engine-flow.ts';
import { engineStage } from '../../support/engine-stage.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

describe('client authentication', () => {
  const stage = engineStage(async (server) => {
    await server.client('app');
    await server.client('spa', { type: 'public', secrets: [] });
  });
  const form = { grant_type: 'client_credentials' };
  const token = '/api/one/token';

  it('takes the secret in Basic and in the body', async () => {
    assert.equal((await post(stage.server, token, form, { id: 'app' })).status, 200);
    const inBody = { ...form, client_id: 'app', client_secret: 'secret' };
    assert.equal((await post(stage.server, token, inBody)).status, 200);
  });

  it('refuses an unknown client and a wrong secret alike', async () => {
    const wrong = await post(stage.server, token, form, { id: 'app', secret: 'wrong' });
    const unknown = await post(stage.server, token, form, { id: 'nobody', secret: 'wrong' });
    assert.deepEqual([wrong.status, wrong.body], [401, unknown.body]);
    assert.equal(wrong.headers.get('www-authenticate'), unknown.headers.get('www-authenticate'));
    assert.match(lastReason(stage.server) ?? '', /client not found/);
  });

  it('takes what is kept of a secret for no secret', async () => {
    assert.equal(
      (await post(stage.server, token, form, { id: 'app', secret: sha256('secret') })).status,
      401,
    );
    assert.equal((await post(stage.server, token, form, { id: 'app', secret: 'unused' })).status, 401);
  });

  it('takes either secret during a rotation, until the old one ends', async () => {
    const old = { id: 'old', createdAt: 0, sha256: sha256('old'), expiresAt: Date.now() + 60_000 };
    await stage.server.client('rotating', {
      secrets: [old, { id: 'new', createdAt: 0, sha256: sha256('new') }],
    });
    for (const secret of ['old', 'new']) {
      assert.equal((await post(stage.server, token, form, { id: 'rotating', secret })).status, 200);
    }
    stage.advance(61);
    assert.equal((await post(stage.server, token, form, { id: 'rotating', secret: 'old' })).status, 401);
    assert.equal((await post(stage.server, token, form, { id: 'rotating', secret: 'new' })).status, 200);
  });

  it('refuses two kinds of credentials at once', async () => {
    const both = { ...form, client_id: 'app', client_secret: 'secret' };
    const answer = await post(stage.server, token, both, { id: 'app' });
    assert.deepEqual([answer.status, answer.body['error']], [400, 'invalid_request']);
  });

  it('refuses repeated parameters, bodies of other types, and bodies that are too large', async () => {
    const twice = await post(stage.server, token, 'grant_type=client_credentials&grant_type=x', {
      id: 'app',
    });
    assert.equal(twice.body['error'], 'invalid_request');
    const json = await post(stage.server, token, '{}', { id: 'app' }, { 'content-type': 'application/json' });
    assert.deepEqual([json.status, json.body['error']], [400, 'invalid_request']);
    const large = await post(stage.server, token, `x=${'y'.repeat(65 * 1_024)}`, { id: 'app' });
    assert.equal(large.status, 413);
  });

  it('answers in JSON also where HTML is preferred', async () => {
    const answer = await post(
      stage.server,
      token,
      form,
      { id: 'app', secret: 'wrong' },
      { accept: 'text/html' },
    );
    assert.match(answer.headers.get('content-type') ?? '', /^application\/json/);
  });

  it('lets scripts of other origins call for public clients alone, without cookies', async () => {
    const origin = { origin: 'https://spa.example' };
    const refresh = { grant_type: 'refresh_token', refresh_token: 'x' };
    const answer = await post(stage.server, token, { ...refresh, client_id: 'spa' }, undefined, origin);
    assert.equal(answer.headers.get('access-control-allow-origin'), 'https://spa.example');
    assert.equal(answer.headers.get('access-control-allow-credentials'), null);
    const confidential = await post(stage.server, token, refresh, { id: 'app' }, origin);
    assert.equal(confidential.headers.get('access-control-allow-origin'), null);
    const preflight = await fetch(stage.server.url + token, {
      method: 'OPTIONS',
      headers: { ...origin, 'access-control-request-method': 'POST' },
    });
    assert.equal(preflight.status, 204);
  });

  it('answers GET of the token endpoint by 405', async () => {
    const response = await fetch(stage.server.url + token);
    assert.deepEqual([response.status, response.headers.get('allow')], [405, 'POST, OPTIONS']);
  });

  it('is there for the faces, too', async () => {
    const issuer = await stage.server.engine.issuer(stage.server.spec('one'));
    const view = await stage.server.view();
    const right = issuer.authenticateClient(view, { clientId: 'app', clientSecret: 'secret' });
    assert.equal(right.clientId, 'app');
    assert.equal(issuer.authenticateClient(view, { clientId: 'spa' }).clientId, 'spa');
    for (const credentials of [
      { clientId: 'app' },
      { clientId: 'app', clientSecret: 'wrong' },
      { clientId: 'nobody', clientSecret: 'secret' },
      { clientId: 'spa', clientSecret: 'secret' },
    ]) {
      assert.throws(() => issuer.authenticateClient(view, credentials), { code: 'OAUTH_INVALID_CLIENT' });
    }
  });
});

describe('client authentication as Vault has it', () => {
  const stage = engineStage(
    async (server) => {
      await server.client('app', { secrets: [{ id: 's', createdAt: 0, sha256: sha256('a+b%2f') }] });
      await server.client('spa', { type: 'public', secrets: [] });
    },
    { spec: { rawBasicCredentials: true } },
  );
  const form = { grant_type: 'client_credentials' };

  it('takes Basic as it is, before what the body says', async () => {
    const body = { ...form, client_id: 'other', client_secret: 'wrong' };
    assert.equal(
      (await post(stage.server, '/api/one/token', body, { id: 'app', secret: 'a+b%2f' })).status,
      200,
    );
  });

  it('ignores a secret that a public client sends', async () => {
    const body = { grant_type: 'refresh_token', refresh_token: 'x', client_id: 'spa', client_secret: 'x' };
    assert.equal((await post(stage.server, '/api/one/token', body)).body['error'], 'invalid_grant');
  });

  it('has a Basic challenge on every refusal of a client', async () => {
    const body = { ...form, client_id: 'app', client_secret: 'wrong' };
    const answer = await post(stage.server, '/api/one/token', body);
    assert.deepEqual([answer.status, answer.headers.get('www-authenticate')], [401, 'Basic']);
  });
});
