import assert from 'node:assert/strict';
import * as client from 'openid-client';
import { CookieBrowser } from '../../support/cookie-browser.ts';
import { callback, follow, queryOf } from '../../support/engine-flow.ts';
import { engineStage } from '../../support/engine-stage.ts';

const tokenExchange = 'urn:ietf:params:oauth:grant-type:token-exchange';

/** Plain HTTP on loopback; the library marks it as deprecated so that nobody overlooks it. */
const overLoopback: (config: client.Configuration) => void = Reflect.get(client, 'allowInsecureRequests');

describe('openid-client', () => {
  const stage = engineStage(async (server) => {
    await server.client('app');
    await server.client('spa', { type: 'public', secrets: [], accessTokenFormat: 'jwt' });
  });

  const configure = async (
    clientId: string,
    authentication: client.ClientAuth,
  ): Promise<client.Configuration> => {
    const issuer = new URL(stage.server.issuerUrl('one'));
    const config = await client.discovery(issuer, clientId, undefined, authentication, {
      execute: [overLoopback],
    });
    client.enableNonRepudiationChecks(config);
    return config;
  };
  const signIn = async (
    config: client.Configuration,
    browser = new CookieBrowser(stage.server.url),
  ): Promise<client.TokenEndpointResponse & client.TokenEndpointResponseHelpers> => {
    const pkceCodeVerifier = client.randomPKCECodeVerifier();
    const [nonce, state] = [client.randomNonce(), client.randomState()];
    const url = client.buildAuthorizationUrl(config, {
      redirect_uri: callback,
      scope: 'openid profile',
      code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: 'S256',
      nonce,
      state,
    });
    const back = await follow(stage.server, browser, url.pathname + url.search, 'alice');
    const checks = { pkceCodeVerifier, expectedNonce: nonce, expectedState: state };
    return client.authorizationCodeGrant(config, back, checks);
  };

  for (const [kind, clientId, authentication] of [
    ['confidential client with Basic', 'app', client.ClientSecretBasic('secret')],
    ['confidential client with its secret in the body', 'app', client.ClientSecretPost('secret')],
    ['public client', 'spa', client.None()],
  ] as const) {
    it(`signs in, asks who it is, refreshes and revokes as a ${kind}`, async () => {
      const config = await configure(clientId, authentication);
      const tokens = await signIn(config);
      const sub = tokens.claims()?.sub ?? '';
      const info = await client.fetchUserInfo(config, tokens.access_token, sub);
      assert.equal(info['login'], 'acct:user:alice');
      const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token ?? '');
      assert.equal(refreshed.claims()?.sub, sub);
      await client.tokenRevocation(config, refreshed.access_token);
      await assert.rejects(client.fetchUserInfo(config, refreshed.access_token, sub));
      await assert.rejects(client.refreshTokenGrant(config, refreshed.refresh_token ?? ''));
    });
  }

  it('introspects, acts by itself and exchanges tokens', async () => {
    const config = await configure('app', client.ClientSecretBasic('secret'));
    const own = await client.clientCredentialsGrant(config, { audience: 'other' });
    const about = await client.tokenIntrospection(config, own.access_token);
    assert.deepEqual([about.active, about.sub, about.aud], [true, 'app', ['other']]);
    const tokens = await signIn(config);
    const exchanged = await client.genericGrantRequest(config, tokenExchange, {
      subject_token: tokens.access_token,
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      scope: 'openid',
    });
    assert.equal(exchanged.claims()?.sub, tokens.claims()?.sub);
  });

  it('signs out', async () => {
    const config = await configure('app', client.ClientSecretBasic('secret'));
    const browser = new CookieBrowser(stage.server.url);
    const tokens = await signIn(config, browser);
    const url = client.buildEndSessionUrl(config, {
      id_token_hint: tokens.id_token ?? '',
      post_logout_redirect_uri: 'https://app.example/bye',
    });
    const asked = await browser.request(url.pathname + url.search);
    const { action, fields } = (await asked.json()) as { action: string; fields: Record<string, string> };
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const body = queryOf({ ...fields, logout: 'yes' });
    const done = await browser.request(action, { method: 'POST', headers, body });
    assert.equal(done.headers.get('location'), 'https://app.example/bye');
    await assert.rejects(client.fetchUserInfo(config, tokens.access_token, tokens.claims()?.sub ?? ''));
  });
});
