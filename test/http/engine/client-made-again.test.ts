import assert from 'node:assert/strict';
import type { IssuerEngine } from '../../../src/http/engine/types.ts';
import { codeFor, post, redeem, tokensFor, userinfo } from '../../support/engine-flow.ts';
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

  it('gets nothing of a code that a dialect had made for that one', async () => {
    const { issuer, code } = await minted();
    await stage.server.client('app', { createdAt: Date.now() + 1 });
    assert.equal((await issuer.findCode(await stage.server.view(), code))?.authorization, undefined);
  });
});
