/** The modules of the OpenID Foundation's plan "Basic OP" about sign-ins, tokens and claims; docs/conformance.md has the list. */
import assert from 'node:assert/strict';
import { decodeProtectedHeader } from 'jose';
import * as oidc from 'openid-client';
import { describeOnStores } from '../../support/on-stores.ts';
import {
  oauthErrorOf,
  OpenIdWorld,
  overLoopback,
  type Application,
  type Parameters,
  type Tokens,
} from '../../support/openid-world.ts';
import { assertAway, assertPage } from '../../support/visitor.ts';

/** What claims of these scopes a client of each dialect may be told. */
const standardScopes = ['profile', 'email', 'address', 'phone'];

for (const dialect of ['Vault', 'Akeyless'] as const) {
  describeOnStores(`Basic OP, the flow, at an issuer of ${dialect}’s dialect`, (on) => {
    let world: OpenIdWorld;
    let app: Application;
    before(async () => {
      world = await OpenIdWorld.of(on.service);
      app = await (dialect === 'Vault' ? world.vaultClient('rp') : world.akeylessApp('rp'));
    });
    const signIn = (parameters: Parameters = {}): Promise<Tokens> => app.signIn(world.visitor(), parameters);
    const askUserinfo = (init: RequestInit): Promise<Response> =>
      fetch(app.metadata.userinfo_endpoint ?? '', init);

    it('oidcc-server: signs somebody in, with a code, an ID token and an access token that are as specified', async () => {
      const visitor = world.visitor();
      const begun = app.begin();
      const returned = assertAway(await app.enter(visitor, await visitor.open(begun.url)));
      assert.ok((returned.searchParams.get('code') ?? '').length >= 32);
      assert.equal(returned.searchParams.get('state'), begun.checks.expectedState);
      const tokens = await app.redeem(begun, returned);
      assert.equal(tokens.token_type, 'bearer');
      assert.ok((tokens.expires_in ?? 0) > 0);
      const claims = tokens.claims();
      assert.equal(claims?.iss, app.issuer);
      assert.deepEqual([claims.aud].flat(), [app.clientId]);
      assert.ok(claims.exp > claims.iat && claims.sub.length <= 255);
      // What was not asked for is not told.
      for (const name of ['name', 'email', 'phone_number', 'address']) assert.equal(claims[name], undefined);
    });

    it('oidcc-server-client-secret-post, and by Basic: takes the secret of a client either way', async () => {
      for (const authentication of [oidc.ClientSecretPost, oidc.ClientSecretBasic]) {
        const begun = app.begin();
        const visitor = world.visitor();
        const returned = assertAway(await app.enter(visitor, await visitor.open(begun.url)));
        const configuration = new oidc.Configuration(
          app.metadata,
          app.clientId,
          {},
          authentication(app.secret),
        );
        overLoopback(configuration);
        assert.ok(
          (await oidc.authorizationCodeGrant(configuration, returned, begun.checks)).id_token !== undefined,
        );
      }
    });

    it('oidcc-response-type-missing: goes back with an error where no response type is asked for', async () => {
      const begun = app.begin();
      begun.url.searchParams.delete('response_type');
      const stop = await world.visitor().open(begun.url);
      const error = assertAway(stop).searchParams.get('error');
      assert.ok(error === 'invalid_request' || error === 'unsupported_response_type', String(error));
    });

    it('oidcc-idtoken-signature: signs with RS256 unless the client has another key, and names the key', async () => {
      const { alg, kid } = decodeProtectedHeader((await signIn()).id_token ?? '');
      assert.equal(alg, 'RS256');
      const keys = (await (await fetch(app.metadata.jwks_uri ?? '')).json()) as {
        readonly keys: readonly oidc.JWK[];
      };
      assert.ok(keys.keys.some((key) => key.kid === kid && key.use === 'sig'));
      for (const key of keys.keys) for (const secret of ['d', 'p', 'k']) assert.ok(!(secret in key));
    });

    it('oidcc-idtoken-unsigned: never leaves an ID token unsigned, and does not say that it could', async () => {
      assert.ok(app.metadata.id_token_signing_alg_values_supported?.includes('none') !== true);
      assert.match((await signIn()).id_token ?? '', /\.[\w-]{300,}$/);
    });

    it('oidcc-userinfo-get: tells of the user by GET', async () => {
      const tokens = await signIn();
      const answer = await askUserinfo({ headers: { authorization: `Bearer ${tokens.access_token}` } });
      assert.equal(answer.status, 200);
      assert.match(answer.headers.get('content-type') ?? '', /^application\/json/);
      assert.equal(((await answer.json()) as { readonly sub: string }).sub, tokens.claims()?.sub);
    });

    it('oidcc-userinfo-post-header: tells the same by POST with the token in the header', async () => {
      const tokens = await signIn();
      const headers = { authorization: `Bearer ${tokens.access_token}` };
      const answer = await askUserinfo({ method: 'POST', headers });
      assert.equal(answer.status, 200);
      assert.equal(((await answer.json()) as { readonly sub: string }).sub, tokens.claims()?.sub);
    });

    it('oidcc-userinfo-post-body: tells the same where the token is in the body, or refuses it as no token', async () => {
      const tokens = await signIn();
      const body = new URLSearchParams({ access_token: tokens.access_token });
      const answer = await askUserinfo({ method: 'POST', body });
      if (answer.status === 200) {
        assert.equal(((await answer.json()) as { readonly sub: string }).sub, tokens.claims()?.sub);
      } else {
        assert.ok(answer.status === 401 || answer.status === 400, String(answer.status));
      }
    });

    it('oidcc-ensure-request-without-nonce-succeeds-for-code-flow: needs no nonce, and then says none', async () => {
      const tokens = await signIn({ nonce: undefined });
      assert.equal(tokens.claims()?.nonce, undefined);
    });

    it('oidcc-codereuse: redeems a code once', async () => {
      const visitor = world.visitor();
      const begun = app.begin();
      const returned = assertAway(await app.enter(visitor, await visitor.open(begun.url)));
      await app.redeem(begun, returned);
      assert.equal(await oauthErrorOf(app.redeem(begun, returned)), 'invalid_grant');
    });

    it('oidcc-codereuse-30seconds: revokes what a code gave when it comes again', async () => {
      const visitor = world.visitor();
      const begun = app.begin();
      const returned = assertAway(await app.enter(visitor, await visitor.open(begun.url)));
      const tokens = await app.redeem(begun, returned);
      await app.userinfo(tokens);
      assert.equal(await oauthErrorOf(app.redeem(begun, returned)), 'invalid_grant');
      const answer = await askUserinfo({ headers: { authorization: `Bearer ${tokens.access_token}` } });
      assert.equal(answer.status, 401);
    });

    it('oidcc-refresh-token: refreshes for the client that it was given to, the subject and times as they should be', async () => {
      const tokens = await signIn({ scope: 'openid offline_access', prompt: 'consent' });
      const { refresh_token: refreshToken = '' } = tokens;
      assert.match(refreshToken, /^[\x20-\x7e]+$/);
      const refreshed = await oidc.refreshTokenGrant(app.configuration, refreshToken);
      assert.notEqual(refreshed.access_token, tokens.access_token);
      const [before, after] = [tokens.claims(), refreshed.claims()];
      assert.deepEqual([after?.iss, after?.sub, after?.aud], [before?.iss, before?.sub, before?.aud]);
      assert.ok((after?.iat ?? 0) >= (before?.iat ?? 0));
      assert.equal((await app.userinfo(refreshed)).sub, before?.sub);
      const other = await (dialect === 'Vault' ? world.vaultClient('other') : world.akeylessApp('other'));
      const foreign = oidc.refreshTokenGrant(other.configuration, refreshed.refresh_token ?? refreshToken);
      assert.equal(await oauthErrorOf(foreign), 'invalid_grant');
    });

    it('oidcc-ensure-request-with-valid-pkce-succeeds: takes the verifier of the challenge, and no other', async () => {
      const verifier = oidc.randomPKCECodeVerifier();
      const challenge = await oidc.calculatePKCECodeChallenge(verifier);
      const pkce = { code_challenge: challenge, code_challenge_method: 'S256' };
      for (const [given, accepted] of [
        [verifier, true],
        [oidc.randomPKCECodeVerifier(), false],
      ] as const) {
        const visitor = world.visitor();
        const begun = app.begin(pkce);
        const returned = assertAway(await app.enter(visitor, await visitor.open(begun.url)));
        const redeemed = app.redeem(begun, returned, { pkceCodeVerifier: given });
        if (accepted) assert.ok((await redeemed).id_token !== undefined);
        else assert.equal(await oauthErrorOf(redeemed), 'invalid_grant');
      }
    });

    it('oidcc-ensure-registered-redirect-uri: stays on a page where the redirect URI is not registered', async () => {
      for (const redirect of [
        'https://app.example/callback/more',
        'https://app.example/callback?more=1',
        undefined,
      ]) {
        const page = await world.visitor().open(app.begin({ redirect_uri: redirect }).url);
        assertPage(page, 'You cannot sign in', 400);
      }
    });
  });
}

describeOnStores('Basic OP, standard scopes', (on) => {
  let world: OpenIdWorld;
  let app: Application;
  before(async () => {
    world = await OpenIdWorld.of(on.service);
    app = await world.vaultClient('rp');
  });

  const expected: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
    profile: { name: 'Ada Lovelace', preferred_username: 'ada' },
    email: { email: 'ada@example.com' },
    address: { address: { street_address: "12 St James's Square" } },
    phone: { phone_number: '+44 20 7946 0000' },
  };
  const toldFor = async (scope: string): Promise<Readonly<Record<string, unknown>>> => {
    const told = await app.userinfo(await app.signIn(world.visitor(), { scope }));
    return Object.fromEntries(Object.entries(told).filter(([name]) => name !== 'sub'));
  };

  for (const scope of standardScopes) {
    it(`oidcc-scope-${scope}: userinfo tells what the scope is for, and nothing of others`, async () => {
      assert.deepEqual(await toldFor(`openid ${scope}`), expected[scope]);
    });
  }

  it('oidcc-scope-all: several scopes at once tell all of it', async () => {
    assert.deepEqual(
      await toldFor(['openid', ...standardScopes].join(' ')),
      Object.assign({}, ...Object.values(expected)),
    );
  });

  it('oidcc-alternate-happy-flow: scopes and parameters may come in any order', async () => {
    const visitor = world.visitor();
    const begun = app.begin({ scope: ['phone', 'email', 'openid'].join(' ') });
    const reversed = new URL(begun.url);
    reversed.search = new URLSearchParams([...begun.url.searchParams].reverse()).toString();
    const returned = assertAway(await app.enter(visitor, await visitor.open(reversed)));
    const tokens = await app.redeem(begun, returned);
    assert.equal((await app.userinfo(tokens)).email, 'ada@example.com');
  });

  it('oidcc-claims-essential: a request for single claims does no harm', async () => {
    const claims = JSON.stringify({ userinfo: { name: { essential: true } } });
    const tokens = await app.signIn(world.visitor(), { claims });
    assert.equal(tokens.claims()?.['name'], undefined);
  });
});
