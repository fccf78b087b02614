/** Confidential and public clients of this dialect sign people in, as their policies say. */
import assert from 'node:assert/strict';
import * as client from 'openid-client';
import type { AkamaiCustomer } from '../../support/akamai.ts';
import { bootstrapCustomer, errorsOf, type MadeClient } from '../../support/akamai.ts';
import { basicHeader, load, send, signIn } from '../../support/client.ts';
import { CookieBrowser } from '../../support/cookie-browser.ts';
import { describeOnStores } from '../../support/on-stores.ts';

const redirectUri = 'https://app.example/callback';

/** openid-client marks what permits plain HTTP as deprecated so that nobody uses it elsewhere. */
const overLoopback: (configuration: client.Configuration) => void = Reflect.get(
  client,
  'allowInsecureRequests',
);

describeOnStores('the issuer of a customer', (on) => {
  let customer: AkamaiCustomer;
  let owner: string;
  let apiKey: string;
  let issuer: string;
  let loginPolicy: string;
  let made = 0;

  before(async () => {
    customer = await bootstrapCustomer(on.service);
    owner = await customer.token();
    issuer = `${on.service.url}/${customer.customerId}/login`;
    loginPolicy = await customer.done(owner, 201, 'POST', '/loginPolicies', { title: 'People' });
    const admin = await signIn(on.service);
    const annotations =
      '{ name: Alice Doe, email: alice@example.com, phone_number: "+1 555", address: Some street }';
    const { created_roles: created } = await load(
      admin,
      `- !user { id: alice, annotations: ${annotations} }\n`,
    );
    apiKey = created[`${on.service.account}:user:alice`]?.api_key ?? '';
  });

  const register = async (
    type: string,
    policy: object = {},
  ): Promise<MadeClient & { readonly policy: string }> => {
    made += 1;
    const scopes = ['openid', 'profile', 'email', 'offline_access'];
    const id = await customer.policy(owner, scopes, policy);
    const body = {
      name: `app ${String(made)}`,
      type,
      loginPolicy,
      tokenPolicy: id,
      redirectURIs: [redirectUri],
    };
    return { ...(await customer.done<MadeClient>(owner, 201, 'POST', '/clients', body)), policy: id };
  };
  const discover = ({ id, secret }: Partial<MadeClient>): Promise<client.Configuration> =>
    client.discovery(
      new URL(issuer),
      id ?? '',
      undefined,
      secret === undefined ? client.None() : client.ClientSecretBasic(secret),
      { execute: [overLoopback, client.enableNonRepudiationChecks] },
    );
  const begin = async (config: client.Configuration, scope: string, uri = redirectUri) => {
    const verifier = client.randomPKCECodeVerifier();
    const url = client.buildAuthorizationUrl(config, {
      redirect_uri: uri,
      scope,
      state: 'a state',
      nonce: 'a nonce',
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    });
    return { verifier, url: url.href };
  };
  const signedIn = async (config: client.Configuration, scope: string) => {
    const browser = new CookieBrowser(on.service.url);
    const { verifier, url } = await begin(config, scope);
    const asked = await browser.request(url);
    assert.equal(asked.status, 303, await asked.text());
    const page = asked.headers.get('location') ?? '';
    assert.match(page, /^\/sign-in\/akamai\./);
    const form = await browser.request(page);
    const action = /<form method="post" action="([^"]+)"/.exec(await form.text())?.[1] ?? '';
    const body = new URLSearchParams({ login: 'alice', secret: apiKey });
    let answer = await browser.request(new URL(action, on.service.url + page).href, { method: 'POST', body });
    while (answer.headers.get('location')?.startsWith('https://app.example') === false) {
      answer = await browser.request(answer.headers.get('location') ?? '');
    }
    const callback = new URL(answer.headers.get('location') ?? '');
    const checks = { pkceCodeVerifier: verifier, expectedState: 'a state', expectedNonce: 'a nonce' };
    return client.authorizationCodeGrant(config, callback, checks);
  };

  it('says where its endpoints are', async () => {
    const answer = await send(`${issuer}/.well-known/openid-configuration`, 'GET');
    const document = answer.json() as Record<string, unknown>;
    assert.equal(document['issuer'], issuer);
    assert.deepEqual(
      ['authorization', 'token', 'userinfo'].map((name) => document[`${name}_endpoint`]),
      ['authorize', 'token', 'userinfo'].map((path) => `${issuer}/${path}`),
    );
    assert.equal(document['jwks_uri'], `${issuer}/jwk`);
    assert.equal(document['introspection_endpoint'], `${issuer}/token/introspect`);
    assert.equal(document['revocation_endpoint'], `${issuer}/token/revoke`);
    assert.deepEqual(document['grant_types_supported'], [
      'authorization_code',
      'refresh_token',
      'client_credentials',
    ]);
  });

  it('publishes its keys at two addresses', async () => {
    const keys = await Promise.all(['/jwk', '/jwks'].map((path) => send(issuer + path, 'GET')));
    assert.deepEqual(keys[0]?.json(), keys[1]?.json());
    assert.ok((keys[0]?.json() as { keys: unknown[] }).keys.length > 0);
  });

  it('signs somebody in at a confidential client, for as long as its token policy says', async () => {
    const app = await register('confidential', { accessTokenLifetime: 900 });
    const config = await discover(app);
    const tokens = await signedIn(config, 'openid profile email phone');
    assert.equal(tokens.expires_in, 900);
    assert.equal(tokens.token_type, 'bearer');
    const claims = tokens.claims();
    assert.ok(claims !== undefined);
    assert.deepEqual([claims.iss, claims.aud, claims.exp - claims.iat], [issuer, app.id, 900]);
    assert.deepEqual([claims['preferred_username'], claims['email']], ['alice', 'alice@example.com']);
    const info = await client.fetchUserInfo(config, tokens.access_token, claims.sub);
    assert.deepEqual(
      [info.name, info.email, info.phone_number],
      ['Alice Doe', 'alice@example.com', undefined],
    );
    const profile = await send(`${issuer}/profile`, 'GET', {
      headers: { authorization: `Bearer ${tokens.access_token}` },
    });
    assert.equal((profile.json() as { readonly sub: string }).sub, claims.sub);
  });

  it('signs somebody in at a public client, which must use PKCE', async () => {
    const app = await register('public');
    const tokens = await signedIn(await discover(app), 'openid');
    assert.equal(tokens.claims()?.aud, app.id);
    const url = `${issuer}/authorize?client_id=${app.id}&response_type=code&scope=openid&redirect_uri=${redirectUri}`;
    const answer = await fetch(url, { redirect: 'manual' });
    assert.match(
      answer.headers.get('location') ?? '',
      /^https:\/\/app\.example\/callback\?error=invalid_request/,
    );
  });

  it('gives access tokens as JWTs where the policy has useAccessJWT', async () => {
    const app = await register('confidential', { useAccessJWT: true });
    const tokens = await signedIn(await discover(app), 'openid');
    assert.equal(tokens.access_token.split('.').length, 3);
  });

  it('renews tokens, also by a multipart form, until the client is gone', async () => {
    const app = await register('confidential');
    const config = await discover(app);
    const first = await signedIn(config, 'openid offline_access');
    const second = await client.refreshTokenGrant(config, first.refresh_token ?? '');
    const body = new FormData();
    body.set('grant_type', 'refresh_token');
    body.set('refresh_token', second.refresh_token ?? '');
    const headers = basicHeader(app.id, app.secret);
    const third = await send(`${issuer}/token`, 'POST', { body, headers });
    assert.equal(third.status, 200, third.text);
    await customer.done(owner, 204, 'DELETE', `/clients/${app.id}`);
    const { refresh_token: last = '' } = third.json() as { readonly refresh_token?: string };
    const form = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: last });
    assert.equal((await send(`${issuer}/token`, 'POST', { body: form, headers })).status, 401);
  });

  it('sends nobody to an address that is not registered to the letter', async () => {
    const app = await register('public');
    const config = await discover(app);
    for (const uri of [
      `${redirectUri}/`,
      `${redirectUri}?x=1`,
      'https://app.example',
      'http://localhost:1/cb',
    ]) {
      const { url } = await begin(config, 'openid', uri);
      const answer = await fetch(url, { redirect: 'manual' });
      assert.equal(answer.status, 400);
      assert.equal(answer.headers.get('location'), null);
    }
  });

  it('signs nobody in at a configuration client', async () => {
    const { url } = await begin(await discover({ id: customer.owner.clientId }), 'openid');
    assert.equal((await fetch(url, { redirect: 'manual' })).status, 400);
    const { clientId, clientSecret } = customer.owner;
    const body = new URLSearchParams({
      grant_type: 'authorization_code',
      code: 'x',
      redirect_uri: redirectUri,
    });
    const answer = await send(`${issuer}/token`, 'POST', {
      body,
      headers: basicHeader(clientId, clientSecret),
    });
    assert.deepEqual([answer.status, (answer.json() as { error: string }).error], [401, 'invalid_client']);
  });

  it('tells no more of people than the token policy says at that moment', async () => {
    const app = await register('confidential');
    const config = await discover(app);
    const tokens = await signedIn(config, 'openid profile email');
    await customer.done(owner, 200, 'PATCH', `/tokenPolicies/${app.policy}`, {
      allowedScopes: ['openid', 'profile'],
    });
    const info = await client.fetchUserInfo(config, tokens.access_token, tokens.claims()?.sub ?? '');
    assert.deepEqual([info.name, info.email], ['Alice Doe', undefined]);
    const renewed = await client.refreshTokenGrant(config, tokens.refresh_token ?? '');
    assert.deepEqual([renewed.claims()?.['name'], renewed.claims()?.['email']], ['Alice Doe', undefined]);
  });

  it('gives people’s tokens no access to the configuration', async () => {
    const app = await register('confidential');
    const tokens = await signedIn(await discover(app), 'openid');
    const answer = await customer.call(tokens.access_token, 'GET', '/clients');
    assert.deepEqual([answer.status, errorsOf(answer)], [401, 'The access token is not valid']);
  });

  it('is there for no other customer', async () => {
    const other = issuer.replace(customer.customerId, '00000000-0000-4000-8000-000000000000');
    for (const path of ['/.well-known/openid-configuration', '/jwk', '/authorize', '/bogus']) {
      assert.equal((await send(other + path, 'GET')).status, 404, path);
    }
  });
});
