/** People who sign in to an app of Akeyless’ dialect: the authorization code flow, with openid-client. */
import assert from 'node:assert/strict';
import * as oidc from 'openid-client';
import { AkeylessWorld, type AppCredentials, type Body } from '../../support/akeyless.ts';
import { CookieBrowser } from '../../support/cookie-browser.ts';
import { describeOnStores } from '../../support/on-stores.ts';

const redirectUri = 'https://app.example/callback';

/** Marked as deprecated so that it stands out; the service is on this machine. */
const overLoopback: (config: oidc.Configuration) => void = Reflect.get(oidc, 'allowInsecureRequests');

describeOnStores('signing in to an app of Akeyless’ dialect', (on) => {
  let world: AkeylessWorld;
  let issuer: URL;

  before(async () => {
    world = await AkeylessWorld.of(on.service);
    await world.app('any');
    issuer = new URL(String((await world.clientInfo('any'))['issuer_url']));
  });

  const appFor = (name: string, settings: Body = {}): Promise<AppCredentials> =>
    world.app(name, {
      'redirect-uris': redirectUri,
      scopes: 'openid,email,groups,offline_access',
      ...settings,
    });

  async function configured(
    { clientId, clientSecret }: AppCredentials,
    isPublic = false,
  ): Promise<oidc.Configuration> {
    const authentication = isPublic ? oidc.None() : oidc.ClientSecretPost(clientSecret);
    const config = await oidc.discovery(issuer, clientId, undefined, authentication, {
      execute: [overLoopback],
    });
    oidc.enableNonRepudiationChecks(config);
    return config;
  }

  interface Flow {
    readonly config: oidc.Configuration;
    readonly verifier: string;
    readonly nonce: string;
    readonly state: string;
    /** Where the browser was sent back to. */
    readonly callback: URL;
    readonly pages: readonly string[];
  }

  /** Goes through the pages as a person would, and allows what is asked. */
  async function signIn(
    config: oidc.Configuration,
    login: string,
    parameters: Readonly<Record<string, string>> = {},
    browser = new CookieBrowser(on.service.url),
  ): Promise<Flow> {
    const [verifier, nonce, state] = [oidc.randomPKCECodeVerifier(), oidc.randomNonce(), oidc.randomState()];
    const url = oidc.buildAuthorizationUrl(config, {
      redirect_uri: redirectUri,
      scope: 'openid email groups',
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      nonce,
      state,
      ...parameters,
    });
    const pages: string[] = [];
    let response = await browser.request(url.href);
    for (let step = 0; step < 12; step += 1) {
      const location = response.headers.get('location') ?? '';
      if (location.startsWith(redirectUri))
        return { config, verifier, nonce, state, callback: new URL(location), pages };
      if (location !== '') {
        response = await browser.request(location);
        continue;
      }
      const page = await response.text();
      assert.equal(response.status, 200, page);
      const isConsent = page.includes('name="decision"');
      pages.push(isConsent ? 'consent' : 'login');
      const answers: Record<string, string> = isConsent
        ? { decision: 'allow' }
        : { login, secret: world.apiKeyOf(login) };
      const action = /<form[^>]*action="([^"]+)"/.exec(page)?.[1] ?? response.url;
      response = await browser.request(action, {
        method: 'POST',
        headers: { origin: on.service.url },
        body: new URLSearchParams(answers),
      });
    }
    throw new Error('the sign-in does not end');
  }

  async function tokensOf({
    config,
    callback,
    verifier,
    nonce,
    state,
  }: Flow): Promise<oidc.TokenEndpointResponse & oidc.TokenEndpointResponseHelpers> {
    return oidc.authorizationCodeGrant(config, callback, {
      pkceCodeVerifier: verifier,
      expectedNonce: nonce,
      expectedState: state,
      idTokenExpected: true,
    });
  }

  it('asks who it is, then for consent, and gives tokens with the claims of the scopes', async () => {
    const app = await appFor('web');
    const flow = await signIn(await configured(app), 'alice');
    assert.deepEqual(flow.pages, ['login', 'consent']);
    const tokens = await tokensOf(flow);
    const own = await world.accessIdOf('authn/alice');
    const claims = tokens.claims();
    assert.ok(claims);
    assert.deepEqual(
      [claims.sub, claims.aud, claims['email'], claims['groups'], claims['nonce']],
      [`${own}/${own}`, [app.clientId], 'alice@example.com', ['backend', 'developers'], flow.nonce],
    );
    assert.equal(tokens.token_type, 'bearer');
    const user = await oidc.fetchUserInfo(flow.config, tokens.access_token, claims.sub);
    assert.equal(user['email'], 'alice@example.com');
  });

  it('does not ask twice in one browser', async () => {
    const config = await configured(await appFor('again'));
    const browser = new CookieBrowser(on.service.url);
    await signIn(config, 'alice', {}, browser);
    const second = await signIn(config, 'alice', {}, browser);
    assert.deepEqual(second.pages, []);
    const own = await world.accessIdOf('authn/alice');
    assert.equal((await tokensOf(second)).claims()?.sub, `${own}/${own}`);
  });

  it('gives a refresh token with offline_access, and asks each time before it does', async () => {
    const config = await configured(await appFor('offline'));
    const browser = new CookieBrowser(on.service.url);
    for (const pages of [['login', 'consent'], ['consent']]) {
      const flow = await signIn(config, 'alice', { scope: 'openid offline_access' }, browser);
      assert.deepEqual(flow.pages, pages);
      const { refresh_token: refreshToken } = await tokensOf(flow);
      assert.ok(refreshToken !== undefined);
      const refreshed = await oidc.refreshTokenGrant(flow.config, refreshToken);
      assert.equal(refreshed.token_type, 'bearer');
    }
  });

  it('takes a request by POST as one by GET', async () => {
    const app = await appFor('posted');
    const answer = await fetch(`${issuer.href}/oauth2/auth`, {
      method: 'POST',
      redirect: 'manual',
      body: new URLSearchParams({
        client_id: app.clientId,
        redirect_uri: redirectUri,
        response_type: 'code',
        scope: 'openid offline_access',
        state: 'x',
      }),
    });
    assert.equal(answer.status, 303);
    assert.match(answer.headers.get('location') ?? '', /\/sign-in\//);
  });

  it('sends who may not use the app back with access_denied', async () => {
    const entry = { access_id: await world.accessIdOf('authn/bob') };
    const config = await configured(await appFor('bobs', { 'permission-assignment': [entry] }));
    const { callback } = await signIn(config, 'alice');
    assert.equal(callback.searchParams.get('error'), 'access_denied');
    assert.equal((await tokensOf(await signIn(config, 'bob'))).claims()?.['email'], undefined);
  });

  it('admits who signed in by the method of the entry', async () => {
    const entry = { access_id: await world.accessIdOf('authn'), sub_claims: { login: ['alice'] } };
    const config = await configured(await appFor('method', { 'permission-assignment': [entry] }));
    assert.ok((await tokensOf(await signIn(config, 'alice'))).id_token);
    const other = { access_id: await world.accessIdOf('authn-oidc/okta') };
    const okta = await configured(await appFor('okta', { 'permission-assignment': [other] }));
    assert.equal((await signIn(okta, 'alice')).callback.searchParams.get('error'), 'access_denied');
  });

  it('takes a public app with PKCE, and none without', async () => {
    const app = await appFor('spa', { public: true });
    const config = await configured(app, true);
    assert.ok((await tokensOf(await signIn(config, 'alice'))).id_token);
    const url = oidc.buildAuthorizationUrl(config, {
      redirect_uri: redirectUri,
      scope: 'openid',
      state: 'x',
    });
    const response = await fetch(url, { redirect: 'manual' });
    const location = new URL(response.headers.get('location') ?? '');
    assert.equal(location.searchParams.get('error'), 'invalid_request');
  });

  it('never sends a browser to an address that the app does not have', async () => {
    const app = await appFor('strict');
    const config = await configured(app);
    const url = oidc.buildAuthorizationUrl(config, {
      redirect_uri: 'https://evil.example/',
      scope: 'openid',
    });
    const response = await fetch(url, { redirect: 'manual' });
    assert.deepEqual([response.status, response.headers.get('location')], [400, null]);
  });

  it('refuses scopes that the app may not ask for, and apps without redirect URIs', async () => {
    const config = await configured(await appFor('narrow', { scopes: 'openid' }));
    const { callback } = await signIn(config, 'alice');
    assert.equal(callback.searchParams.get('error'), 'invalid_scope');
    const without = await configured(await world.app('machine-only'));
    const url = oidc.buildAuthorizationUrl(without, { redirect_uri: redirectUri, scope: 'openid' });
    assert.equal((await fetch(url, { redirect: 'manual' })).status, 400);
  });

  it('redeems a code once', async () => {
    const flow = await signIn(await configured(await appFor('once')), 'alice');
    await tokensOf(flow);
    await assert.rejects(tokensOf(flow), { error: 'invalid_grant' });
  });

  describe('openid-client as a machine', () => {
    it('exchanges a token of auth, and refreshes what it got', async () => {
      const app = await appFor('machine', { audience: 'api://one,api://two' });
      const config = await configured(app);
      const parameters = new URLSearchParams([
        ['assertion', await world.tokenOf('host/ci')],
        ['scope', 'openid groups offline_access'],
        ['audience', 'api://one'],
        ['audience', 'api://two'],
      ]);
      const grant = 'urn:ietf:params:oauth:grant-type:token-exchange';
      const tokens = await oidc.genericGrantRequest(config, grant, parameters);
      assert.deepEqual(tokens.claims()?.['groups'], ['machines']);
      assert.ok(tokens.refresh_token !== undefined);
      const refreshed = await oidc.refreshTokenGrant(config, tokens.refresh_token);
      assert.deepEqual(refreshed.claims()?.['groups'], ['machines']);
      const subject = tokens.claims()?.sub ?? '';
      const user = await oidc.fetchUserInfo(config, refreshed.access_token, subject);
      assert.deepEqual(user['groups'], ['machines']);
      await oidc.tokenRevocation(config, refreshed.access_token);
      await assert.rejects(oidc.fetchUserInfo(config, refreshed.access_token, subject));
    });

    it('introspects an access token', async () => {
      const app = await appFor('inspecting');
      const config = await configured(app);
      const parameters = { assertion: await world.tokenOf('alice'), scope: 'openid' };
      const grant = 'urn:ietf:params:oauth:grant-type:token-exchange';
      const { access_token: accessToken } = await oidc.genericGrantRequest(config, grant, parameters);
      assert.equal((await oidc.tokenIntrospection(config, accessToken)).active, true);
      await world.done('delete-item', { name: 'inspecting' });
      await assert.rejects(oidc.tokenIntrospection(config, accessToken));
    });
  });
});
