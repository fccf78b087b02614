/** What comes after an exchange at the issuer of Akeyless’ dialect: refresh tokens, userinfo, revocation. */
import assert from 'node:assert/strict';
import { decodeJwt } from 'jose';
import { AkeylessWorld } from '../../support/akeyless.ts';
import { isRefused, lastingClaims, TokenClient } from '../../support/akeyless-tokens.ts';
import { describeOnStores } from '../../support/on-stores.ts';

describeOnStores('tokens of Akeyless’ dialect', (on) => {
  let world: AkeylessWorld;
  let client: TokenClient;

  before(async () => {
    world = await AkeylessWorld.of(on.service);
    client = await TokenClient.of(world);
  });

  describe('refresh tokens', () => {
    it('come with offline_access, and bring the same scopes, audiences and claims again', async () => {
      const first = await client.exchanged({
        scope: 'openid email offline_access',
        audience: 'api://one api://two',
      });
      const { status, body } = await client.refresh(first['refresh_token']);
      assert.equal(status, 200, JSON.stringify(body));
      assert.equal(body['token_type'], 'bearer');
      assert.equal(body['expires_in'], 3_599);
      assert.deepEqual(lastingClaims(String(body['access_token'])), lastingClaims(first['access_token']));
      assert.equal(decodeJwt(String(body['id_token']))['email'], 'alice@example.com');
    });

    it('do not come otherwise', async () => {
      assert.ok(!('refresh_token' in (await client.exchanged({ scope: 'openid' }))));
    });

    it('are used once: the old one ends all that came of it', async () => {
      const first = await client.exchanged({ scope: 'openid offline_access' });
      const second = await client.refresh(first['refresh_token']);
      await isRefused(client.refresh(first['refresh_token']), 400, 'invalid_grant');
      await isRefused(client.refresh(String(second.body['refresh_token'])), 400, 'invalid_grant');
    });

    it('end with the assignment', async () => {
      const entry = { access_id: await world.accessIdOf('authn/alice') };
      const settings = { scopes: 'openid,offline_access', 'permission-assignment': [entry] };
      const other = await world.app('ending', settings);
      const first = await client.exchanged({ scope: 'openid offline_access' }, 'alice', other);
      await world.done('update-oidc-app', { name: 'ending', 'permission-assignment': '[]' });
      const { status, body } = await client.refresh(first['refresh_token'], other);
      assert.equal(status, 400);
      assert.match(String(body['error']), /^(invalid_grant|access_denied)$/);
    });

    it('end with the app, and with the role', async () => {
      const other = await world.app('ended', { scopes: 'openid,offline_access' });
      const first = await client.exchanged({ scope: 'openid offline_access' }, 'alice', other);
      await world.done('delete-item', { name: 'ended' });
      await isRefused(client.refresh(first['refresh_token'], other), 401, 'invalid_client');
      const session = await client.newcomer('passing');
      const second = await client.exchanged({ scope: 'openid offline_access', assertion: session });
      await client.patchPolicy('- !delete { record: !user passing }');
      await isRefused(client.refresh(second['refresh_token']), 400, 'invalid_grant');
    });
  });

  describe('userinfo', () => {
    const userinfo = (accessToken: string | undefined): Promise<Response> =>
      fetch(`${client.issuer}/userinfo`, { headers: { authorization: `Bearer ${accessToken ?? ''}` } });

    it('answers the claims of the access token’s scopes', async () => {
      const issued = await client.exchanged({ scope: 'openid email groups' });
      const response = await userinfo(issued['access_token']);
      assert.equal(response.status, 200);
      assert.deepEqual(await response.json(), {
        sub: decodeJwt(issued['access_token'] ?? '').sub,
        email: 'alice@example.com',
        groups: ['backend', 'developers'],
      });
    });

    it('refuses the token of an app that was deleted, an ID token, and what is none', async () => {
      const other = await world.app('fleeting');
      const issued = await client.exchanged({ scope: 'openid' }, 'alice', other);
      assert.equal((await userinfo(issued['access_token'])).status, 200);
      await world.done('delete-item', { name: 'fleeting' });
      for (const text of [issued['access_token'], issued['id_token'], 'none']) {
        const response = await userinfo(text);
        assert.equal(response.status, 401);
        assert.match(response.headers.get('www-authenticate') ?? '', /Bearer.*invalid_token/);
      }
    });

    it('refuses a token that was revoked', async () => {
      const issued = await client.exchanged({ scope: 'openid' });
      const body = new URLSearchParams({
        client_id: client.app.clientId,
        client_secret: client.app.clientSecret,
        token: issued['access_token'] ?? '',
      });
      assert.equal((await fetch(`${client.issuer}/oauth2/revoke`, { method: 'POST', body })).status, 200);
      assert.equal((await userinfo(issued['access_token'])).status, 401);
    });
  });

  describe('the issuer', () => {
    it('is at its account id alone', async () => {
      const other = client.issuer.replace(/acc-.*/, `acc-${'0'.repeat(12)}`);
      assert.equal((await fetch(`${other}/.well-known/openid-configuration`)).status, 404);
      assert.equal((await fetch(`${client.issuer}/`)).status, 404);
      assert.equal((await fetch(`${client.issuer}/.well-known/openid-configuration/`)).status, 404);
      assert.equal(
        (await fetch(`${client.issuer.replace('acc-', 'ACC-')}/.well-known/openid-configuration`)).status,
        404,
      );
    });

    it('is not moved by a Host header', async () => {
      const response = await fetch(`${client.issuer}/.well-known/openid-configuration`, {
        headers: { 'x-forwarded-host': 'evil.example' },
      });
      assert.ok(!(await response.text()).includes('evil.example'));
    });
  });
});
