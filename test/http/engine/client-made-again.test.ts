import assert from 'node:assert/strict';
import type { IssuerEngine } from '../../../src/http/engine/types.ts';
import { CookieBrowser } from '../../support/cookie-browser.ts';
import { authorizePath, codeFor, post, redeem, tokensFor, userinfo } from '../../support/engine-flow.ts';
import { engineStage } from '../../support/engine-stage.ts';

describe('a client that is made again with the id of one that was there before', () => {
  const stage = engineStage(async (server) => {
    await server.client('app');
  });

  it('gets nothing of what was that one’s: no code, no token', async () => {
    const { server } = stage;
    const tokens = await tokensFor(server, 'app');
    const code = await codeFor(server, 'app');
    const { refresh_token: refreshToken, access_token: accessToken = '' } = tokens;
    const introspect = async (): Promise<unknown> =>
      (await post(server, '/api/one/introspect', { token: accessToken }, { id: 'app' })).body['active'];
    assert.deepEqual([(await userinfo(server, accessToken)).status, await introspect()], [200, true]);
    await server.client('app', { createdAt: Date.now() });
    assert.deepEqual([(await userinfo(server, accessToken)).status, await introspect()], [401, false]);
    assert.equal((await redeem(server, 'app', code)).body['error'], 'invalid_grant');
    const form = { grant_type: 'refresh_token', refresh_token: refreshToken };
    assert.equal((await post(server, '/api/one/token', form, { id: 'app' })).body['error'], 'invalid_grant');
  });

  /** A code of a dialect's own, of the client as it is now. */
  async function minted(): Promise<{ readonly issuer: IssuerEngine; readonly code: string }> {
    const { server } = stage;
    const issuer = await server.engine.issuer(server.spec('one'));
    const view = await server.view();
    const client = view.state.registry.get('oidc-client', 'app') ?? assert.fail();
    const code = await issuer.mintCode({
      authorization: { client, scopes: ['openid'], audiences: [], attributes: {} },
      redirectUri: 'https://app.example/callback',
    });
    return { issuer, code };
  }

  it('gets nothing for an ID token of that one', async () => {
    const { server } = stage;
    await server.client('app', { createdAt: Date.now() - 60_000 });
    const { id_token: idToken } = await tokensFor(server, 'app');
    const exchange = async (): Promise<unknown> => {
      const form = {
        grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
        subject_token: idToken,
        subject_token_type: 'urn:ietf:params:oauth:token-type:id_token',
      };
      return (await post(server, '/api/one/token', form, { id: 'app' })).body['error'];
    };
    assert.equal(await exchange(), undefined);
    stage.advance(60);
    assert.equal(await exchange(), undefined);
    await server.client('app', { createdAt: Date.now() + 60_000 });
    assert.equal(await exchange(), 'invalid_grant');
  });

  it('gets nothing of a code that a dialect had made for that one', async () => {
    const { issuer, code } = await minted();
    await stage.server.client('app', { createdAt: Date.now() + 1 });
    assert.equal((await issuer.findCode(await stage.server.view(), code))?.authorization, undefined);
  });
});

describe('a client that is made again with the id of one that somebody agreed to', () => {
  const stage = engineStage((server) => server.client('app').then(() => undefined), {
    spec: { consent: true },
  });

  it('is agreed to anew, also where the question to agree was still open', async () => {
    const { server } = stage;
    const browser = new CookieBrowser(server.url);
    await codeFor(server, 'app', { browser });
    const begin = async (): Promise<string> =>
      (await browser.request(authorizePath('one', 'app'))).headers.get('location') ?? '';
    const promptOf = async (page: string): Promise<unknown> =>
      ((await (await browser.request(page)).json()) as { readonly prompt: string }).prompt;
    assert.match(await begin(), /[?&]code=/);
    await server.client('app', { createdAt: Date.now() });
    const page = await begin();
    assert.equal(await promptOf(page), 'consent');
    await server.client('app', { createdAt: Date.now() + 1 });
    await browser.request(`${page}?agree`, { method: 'POST' });
    await codeFor(server, 'app', { browser });
    assert.match(await begin(), /[?&]code=/);
  });
});
