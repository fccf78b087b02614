import assert from 'node:assert/strict';
import { roleOfLogin } from '../../../../src/domain/ids.ts';
import { engineAccount } from '../../../support/engine-server.ts';
import {
  callback,
  claimsOf,
  codeFor,
  lastReason,
  post,
  tokensFor,
  userinfo,
  verifier,
  type Answer,
  type Form,
} from '../../../support/engine-flow.ts';
import { engineStage } from '../../../support/engine-stage.ts';

const types = 'urn:ietf:params:oauth:token-type:';

describe('the token exchange grant', () => {
  const stage = engineStage(async (server) => {
    await server.client('app');
    await server.client('api', { accessTokenFormat: 'jwt' });
  });

  const exchange = (form: Form, id = 'app'): Promise<Answer> => {
    const all = { grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange', ...form };
    return post(stage.server, '/api/one/token', all, { id });
  };
  const accessTokenOf = async (login: string, ttlSeconds = 480): Promise<string> => {
    const { state } = await stage.server.view();
    const token = stage.server.services.tokens.issue(state, roleOfLogin(engineAccount, login), ttlSeconds);
    return Buffer.from(token).toString('base64');
  };

  it('takes an access token of the service', async () => {
    const { status, body } = await exchange({
      subject_token: await accessTokenOf('alice'),
      subject_token_type: `${types}access_token`,
      scope: 'openid profile',
    });
    assert.equal(status, 200, JSON.stringify(body));
    assert.equal(body['issued_token_type'], `${types}access_token`);
    assert.equal(body['refresh_token'], undefined);
    assert.equal(claimsOf(body['id_token'])['login'], 'acct:user:alice');
    assert.equal((await userinfo(stage.server, String(body['access_token']))).status, 200);
  });

  it('takes the client’s own ID token and access token', async () => {
    const tokens = await tokensFor(stage.server, 'app');
    for (const [type, token] of [
      ['id_token', tokens['id_token']],
      ['access_token', tokens['access_token']],
    ] as const) {
      const { status, body } = await exchange({
        subject_token: token,
        subject_token_type: types + type,
        scope: 'openid',
      });
      assert.equal(status, 200, type);
      assert.equal(claimsOf(body['id_token']).sub, claimsOf(tokens['id_token']).sub);
    }
  });

  it('gives a signed token for an audience, and one for several', async () => {
    const subject = {
      subject_token: await accessTokenOf('alice'),
      subject_token_type: `${types}access_token`,
    };
    const one = await exchange({ ...subject, audience: 'other' }, 'api');
    assert.equal(claimsOf(one.body['access_token']).aud, 'other');
    const two = await exchange({ ...subject, audience: 'other', resource: 'https://api.example' }, 'api');
    assert.deepEqual(claimsOf(two.body['access_token']).aud, ['other', 'https://api.example']);
    assert.equal((await exchange({ ...subject, audience: 'evil' }, 'api')).body['error'], 'invalid_target');
  });

  it('gives the ID token alone where that is asked for', async () => {
    const subject = {
      subject_token: await accessTokenOf('alice'),
      subject_token_type: `${types}access_token`,
    };
    const { body } = await exchange({ ...subject, requested_token_type: `${types}id_token` });
    assert.deepEqual([body['issued_token_type'], body['token_type']], [`${types}id_token`, 'N_A']);
    assert.equal(claimsOf(body['access_token']).aud, 'app');
  });

  it('gives nothing that outlives the token that was given', async () => {
    const subject_token = await accessTokenOf('alice', 60);
    const { body } = await exchange({
      subject_token,
      subject_token_type: `${types}access_token`,
      scope: 'openid',
    });
    assert.ok(Number(body['expires_in']) <= 60);
    const { exp = 0, iat = 0 } = claimsOf(body['id_token']);
    assert.ok(exp - iat <= 60);
  });

  it('refuses an actor token, and what it does not know', async () => {
    const subject = {
      subject_token: await accessTokenOf('alice'),
      subject_token_type: `${types}access_token`,
    };
    for (const form of [
      { ...subject, actor_token: 'x', actor_token_type: `${types}access_token` },
      { ...subject, requested_token_type: `${types}saml2` },
      { ...subject, subject_token_type: `${types}saml2` },
      { subject_token_type: `${types}access_token` },
      { subject_token: 'x' },
    ]) {
      const { status, body } = await exchange(form);
      assert.deepEqual([status, body['error']], [400, 'invalid_request'], JSON.stringify(form));
    }
  });

  it('refuses tokens of other clients, other issuers, nobody and nothing', async () => {
    const foreign = await tokensFor(stage.server, 'api');
    const elsewhere = await tokensFor(stage.server, 'app', { issuer: 'two' });
    for (const [type, token] of [
      ['id_token', foreign['id_token']],
      ['access_token', foreign['access_token']],
      ['id_token', elsewhere['id_token']],
      ['access_token', elsewhere['access_token']],
      ['access_token', 'nonsense'],
      ['id_token', 'nonsense'],
      // An access token, though signed and of this issuer, is no ID token.
      ['id_token', foreign['access_token']],
      ['access_token', await accessTokenOf('alice').then((token) => token.slice(0, -40))],
    ] as const) {
      const { status, body } = await exchange({ subject_token: token, subject_token_type: types + type });
      assert.deepEqual(
        [status, body['error']],
        [400, 'invalid_grant'],
        `${type} ${String(token).slice(0, 20)}`,
      );
    }
  });

  it('refuses a role that may not use the client', async () => {
    await stage.server.client('assigned', { assignments: ['acct:user:bob'] });
    const form = { subject_token: await accessTokenOf('alice'), subject_token_type: `${types}access_token` };
    assert.equal((await exchange(form, 'assigned')).body['error'], 'invalid_grant');
    assert.equal(lastReason(stage.server), 'not assigned');
  });

  it('refuses the service’s token once its role is gone', async () => {
    await stage.server.load('- !user dave');
    const form = { subject_token: await accessTokenOf('dave'), subject_token_type: `${types}access_token` };
    assert.equal((await exchange(form)).status, 200);
    await stage.server.load('- !delete { record: !user dave }', 'update');
    assert.equal((await exchange(form)).body['error'], 'invalid_grant');
    stage.advance(60);
    await stage.server.load('- !user dave');
    assert.equal((await exchange(form)).body['error'], 'invalid_grant', 'another of the same name');
  });

  it('gives a token of an access token no scope that this has not', async () => {
    const { access_token: token } = await tokensFor(stage.server, 'app', { changes: { scope: 'openid' } });
    const subject = { subject_token: token, subject_token_type: `${types}access_token` };
    assert.equal((await exchange({ ...subject, scope: 'openid' })).status, 200);
    const { status, body } = await exchange({ ...subject, scope: 'openid profile' });
    assert.deepEqual([status, body['error']], [400, 'invalid_scope']);
    const idTokenAlone = { ...subject, requested_token_type: `${types}id_token` };
    assert.equal((await exchange(idTokenAlone)).status, 200);
  });

  it('revokes what it gave with what it was given for', async () => {
    const tokens = await tokensFor(stage.server, 'app');
    const { body } = await exchange({
      subject_token: tokens['access_token'],
      subject_token_type: `${types}access_token`,
      scope: 'openid',
    });
    const given = String(body['access_token']);
    assert.equal((await userinfo(stage.server, given)).status, 200);
    await post(stage.server, '/api/one/revoke', { token: tokens['refresh_token'] }, { id: 'app' });
    assert.equal((await userinfo(stage.server, given)).status, 401);
  });

  it('takes from a public client nothing that this issuer gave, since whoever has that could be anybody', async () => {
    await stage.server.client('spa', { type: 'public', secrets: [] });
    const form = {
      grant_type: 'authorization_code',
      client_id: 'spa',
      code: await codeFor(stage.server, 'spa'),
      redirect_uri: callback,
      code_verifier: verifier,
    };
    const { body: tokens } = await post(stage.server, '/api/one/token', form);
    const asSpa = (type: string, token: unknown): Promise<Answer> =>
      post(stage.server, '/api/one/token', {
        grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
        client_id: 'spa',
        subject_token: String(token),
        subject_token_type: types + type,
      });
    for (const type of ['id_token', 'access_token']) {
      const { status, body } = await asSpa(type, tokens[type]);
      assert.deepEqual([status, body['error']], [400, 'invalid_grant'], type);
    }
    assert.equal((await asSpa('access_token', await accessTokenOf('alice'))).status, 200);
  });
});
