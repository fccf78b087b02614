/** The authorization endpoint that browsers open: Vault's page, served without any script. */
import assert from 'node:assert/strict';
import * as oidc from 'openid-client';
import { load, type Loaded } from '../../support/client.ts';
import { CookieBrowser } from '../../support/cookie-browser.ts';
import { describeOnStores } from '../../support/on-stores.ts';
import {
  askTokens,
  askUserinfo,
  assertRefused,
  callback,
  challenge,
  claimsIn,
  flowWorld,
  tokensIn,
  verifier,
  withoutTls,
  type Client,
  type FlowWorld,
  first,
  type Parameters,
} from '../../support/vault-flow-world.ts';

describeOnStores('Vault: the authorization page', (on) => {
  let world: FlowWorld;
  let people: Loaded;
  let open: Client;

  before(async () => {
    world = await flowWorld(on.service);
    people = await load(
      world.admin,
      '- !user alice\n- !user bob\n- !grant { role: !group engineering, member: !user alice }',
    );
    open = await world.client('open', { client_type: 'public' });
    await world.provideForAll();
  });

  const page = (provider = 'test-provider'): string =>
    `/ui/vault/identity/oidc/provider/${provider}/authorize`;

  const query = (changes: Parameters = {}): string => {
    const parameters: Parameters = {
      client_id: world.main.id,
      redirect_uri: callback,
      response_type: 'code',
      scope: 'openid test-scope',
      state: 'the-state',
      nonce: 'the-nonce',
      ...changes,
    };
    const given = Object.entries(parameters).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    );
    return new URLSearchParams(given).toString();
  };

  const browserOf = (): CookieBrowser => new CookieBrowser(on.service.url);

  const openPage = (browser: CookieBrowser, changes: Parameters = {}, provider?: string): Promise<Response> =>
    browser.request(`${page(provider)}?${query(changes)}`);

  const location = (response: Response): string => {
    assert.ok([302, 303].includes(response.status), String(response.status));
    return response.headers.get('location') ?? '';
  };

  const signInPage = /^\/sign-in\/vault\.[\w.-]+$/;
  const assertAsksToSignIn = (response: Response): string => {
    const to = location(response);
    assert.match(to.split('/').slice(0, 3).join('/'), signInPage, to);
    return to;
  };

  /** Fills in the form and comes back: where the browser is then sent. */
  const signIn = async (browser: CookieBrowser, asked: Response, login = 'alice'): Promise<URL> => {
    const form = assertAsksToSignIn(asked);
    assert.equal((await browser.request(form)).status, 200);
    const secret = people.created_roles[`${on.service.account}:user:${login}`]?.api_key ?? '';
    const posted = await browser.request(form, {
      method: 'POST',
      headers: { origin: on.service.url },
      body: new URLSearchParams({ login, secret }),
    });
    const back = await browser.request(location(posted));
    return new URL(location(back));
  };

  /** Parameters that the client gets, in a fragment where it asked for a token itself; that the browser was sent to the client's own address. */
  const returned = (to: URL | string): URLSearchParams => {
    const url = new URL(to);
    assert.equal(url.origin + url.pathname, callback);
    return url.hash === '' ? url.searchParams : new URLSearchParams(url.hash.slice(1));
  };

  const assertError = (to: URL | string, error: string): void => {
    const parameters = returned(to);
    assert.equal(parameters.get('error'), error);
    assert.equal(parameters.get('state'), 'the-state');
    assert.equal(parameters.get('code'), null);
  };

  it('lets somebody sign in, and its code gives the tokens that one of the API gives', async () => {
    const browser = browserOf();
    const parameters = returned(await signIn(browser, await openPage(browser)));
    assert.equal(parameters.get('state'), 'the-state');
    const code = parameters.get('code') ?? '';
    assert.match(code, /^[A-Za-z0-9]{32}$/);
    const tokens = tokensIn(await askTokens(world, { code }));
    const { iat, exp, at_hash, c_hash, sub, ...claims } = claimsIn(tokens.id_token);
    assert.deepEqual(
      [typeof at_hash, typeof c_hash, Number(exp) - Number(iat)],
      ['string', 'string', 86_400],
    );
    assert.deepEqual(claims, {
      iss: world.issuer(),
      namespace: 'root',
      aud: world.main.id,
      nonce: 'the-nonce',
      username: 'alice',
      groups: ['company', 'engineering'],
      contact: { email: '', phone_number: '' },
    });
    const told = (await askUserinfo(world, tokens.access_token)).json() as { sub: unknown };
    assert.equal(told.sub, sub);
  });

  it('remembers who signed in, at the same provider alone', async () => {
    const browser = browserOf();
    await signIn(browser, await openPage(browser));
    assert.ok(returned(location(await openPage(browser))).has('code'));
    assertAsksToSignIn(await openPage(browser, {}, 'all'));
  });

  it('takes the parameters by POST, too', async () => {
    const browser = browserOf();
    const body = new URLSearchParams(query());
    const asked = await browser.request(page(), { method: 'POST', body });
    assert.ok(returned(await signIn(browser, asked)).has('code'));
  });

  it('gives a code that is good once, and at its provider alone', async () => {
    const browser = browserOf();
    const code = returned(await signIn(browser, await openPage(browser))).get('code') ?? '';
    assertRefused(await askTokens(world, { code }, { provider: 'all' }), 400, 'invalid_grant');
    const { access_token: accessToken } = tokensIn(await askTokens(world, { code }));
    assertRefused(await askTokens(world, { code }), 400, 'invalid_grant');
    assertRefused(await askUserinfo(world, accessToken), 401, 'invalid_token');
  });

  for (const [title, authorized] of [
    ['plain', { code_challenge: verifier, code_challenge_method: 'plain' }],
    ['unnamed', { code_challenge: verifier }],
    ['S256', { code_challenge: challenge, code_challenge_method: 'S256' }],
  ] as const) {
    it(`knows the ${title} method of a challenge`, async () => {
      const browser = browserOf();
      for (const right of [false, true]) {
        const asked = await openPage(browser, { client_id: open.id, ...authorized }, 'all');
        const to = right ? new URL(location(asked)) : await signIn(browser, asked);
        const code = returned(to).get('code') ?? '';
        const request = { provider: 'all', by: 'post', client: open } as const;
        const answer = await askTokens(
          world,
          { code, code_verifier: right ? verifier : `${verifier}x` },
          request,
        );
        if (right) tokensIn(answer);
        else assertRefused(answer, 400, 'invalid_grant');
      }
    });
  }

  for (const [title, changes, provider] of [
    ['the client is unknown', { client_id: 'unknown' }, undefined],
    ['the client is missing', { client_id: undefined }, undefined],
    ['the redirect URI is not registered', { redirect_uri: 'https://evil.example/' }, undefined],
    ['the redirect URI is missing', { redirect_uri: undefined }, undefined],
    [
      'somebody must not be asked and the redirect URI is wrong',
      { prompt: 'none', redirect_uri: 'https://evil.example/' },
      undefined,
    ],
    ['the provider is unknown', {}, 'missing'],
  ] as const) {
    it(`shows a page and sends nobody anywhere where ${title}`, async () => {
      const response = await openPage(browserOf(), changes, provider);
      assert.equal(response.status, provider === undefined ? 400 : 404);
      assert.equal(response.headers.get('location'), null);
      assert.match(response.headers.get('content-type') ?? '', /^text\/html/);
      assert.ok(!(await response.text()).includes('evil.example'));
    });
  }

  it('sends nobody to an unregistered address for a client that may not use codes', async () => {
    const client = await world.client('no-codes', { authorization_code: false });
    const changes = { client_id: client.id, redirect_uri: 'https://evil.example/' };
    const response = await openPage(browserOf(), changes, 'all');
    assert.deepEqual([response.status, response.headers.get('location')], [400, null]);
  });

  it('lets nobody sign in at a client that may not use codes', async () => {
    const client = await world.client('still-no-codes', { authorization_code: false });
    const response = await openPage(browserOf(), { client_id: client.id }, 'all');
    assert.deepEqual([response.status, response.headers.get('location')], [400, null]);
  });

  for (const [error, changes] of [
    ['invalid_request', { response_type: undefined }],
    ['unsupported_response_type', { response_type: 'id_token' }],
    ['request_not_supported', { request: 'x' }],
    ['request_uri_not_supported', { request_uri: 'https://app.example/request' }],
    ['invalid_request', { scope: 'test-scope' }],
    ['invalid_request', { code_challenge: challenge, code_challenge_method: 'S512' }],
    ['invalid_request', { max_age: '-1' }],
    ['login_required', { prompt: 'none' }],
  ] as const) {
    const [name, value = ''] = first(changes);
    it(`sends ${error} to the client where ${name} is ${value === '' ? 'missing' : `'${value}'`}`, async () => {
      assertError(location(await openPage(browserOf(), changes)), error);
    });
  }

  it('sends invalid_request to the client that does not ask for openid, with a nonce or without', async () => {
    const browser = browserOf();
    const asked = await openPage(browser, { scope: 'test-scope', nonce: undefined });
    assertError(await signIn(browser, asked), 'invalid_request');
  });

  it('sends invalid_request to a public client without a challenge', async () => {
    assertError(location(await openPage(browserOf(), { client_id: open.id }, 'all')), 'invalid_request');
  });

  it('sends access_denied to the client where whoever signed in is not assigned to it', async () => {
    const browser = browserOf();
    assertError(await signIn(browser, await openPage(browser), 'bob'), 'access_denied');
  });

  it('asks again for prompt=login and max_age=0, and then says when that was', async () => {
    const browser = browserOf();
    await signIn(browser, await openPage(browser));
    for (const changes of [{ prompt: 'login' }, { max_age: '0' }]) {
      const code = returned(await signIn(browser, await openPage(browser, changes))).get('code') ?? '';
      const claims = claimsIn(tokensIn(await askTokens(world, { code })).id_token);
      assert.ok(Number(claims['auth_time']) <= Number(claims['iat']));
    }
    assertError(location(await openPage(browser, { prompt: 'none', max_age: '0' })), 'login_required');
    assert.ok(returned(location(await openPage(browser, { max_age: '3600', prompt: 'none' }))).has('code'));
  });

  it('asks somebody else to sign in where the client expects another, by id_token_hint', async () => {
    const alice = browserOf();
    const code = returned(await signIn(alice, await openPage(alice))).get('code') ?? '';
    const { id_token: hint } = tokensIn(await askTokens(world, { code }));
    assert.ok(returned(location(await openPage(alice, { id_token_hint: hint, prompt: 'none' }))).has('code'));
    await load(world.admin, '- !grant { role: !group engineering, member: !user bob }');
    const bob = browserOf();
    assert.ok(returned(await signIn(bob, await openPage(bob), 'bob')).has('code'));
    assertError(location(await openPage(bob, { id_token_hint: hint, prompt: 'none' })), 'login_required');
    await load(world.admin, '- !revoke { role: !group engineering, member: !user bob }', 'root', 'PATCH');
    assertError(location(await openPage(bob)), 'access_denied');
  });

  it('asks for consent where the client wants that, and otherwise never', async () => {
    const browser = browserOf();
    await signIn(browser, await openPage(browser));
    for (const decision of ['allow', 'deny']) {
      const form = assertAsksToSignIn(await openPage(browser, { prompt: 'consent' }));
      const shown = await browser.request(form);
      assert.match(await shown.text(), /Allow/);
      const posted = await browser.request(`${form}/consent`, {
        method: 'POST',
        headers: { origin: on.service.url },
        body: new URLSearchParams({ decision }),
      });
      const to = location(await browser.request(location(posted)));
      if (decision === 'allow') assert.ok(returned(to).has('code'));
      else assertError(to, 'access_denied');
    }
  });

  it('keeps the query of a registered redirect URI', async () => {
    const registered = `${callback}?tenant=one`;
    const client = await world.client('with-query', { redirect_uris: [registered] });
    const browser = browserOf();
    const asked = await openPage(browser, { client_id: client.id, redirect_uri: registered }, 'all');
    const parameters = returned(await signIn(browser, asked));
    assert.equal(parameters.get('tenant'), 'one');
    assert.ok(parameters.has('code'));
  });

  it('stops serving somebody whose client was disabled in between', async () => {
    const client = await world.client('disabled-later');
    const browser = browserOf();
    const asked = await openPage(browser, { client_id: client.id }, 'all');
    const form = assertAsksToSignIn(asked);
    await world.vault.write('identity/oidc/client/disabled-later', { disabled: true });
    const response = await browser.request(form);
    assert.ok(response.status >= 400, String(response.status));
    assert.equal((await openPage(browser, { client_id: client.id }, 'all')).status, 400);
  });

  it('serves a relying party by its library', async () => {
    const configuration = await oidc.discovery(
      new URL(world.issuer('all')),
      open.id,
      undefined,
      oidc.None(),
      { execute: [withoutTls] },
    );
    oidc.enableNonRepudiationChecks(configuration);
    const [state, nonce, pkceCodeVerifier] = [
      oidc.randomState(),
      oidc.randomNonce(),
      oidc.randomPKCECodeVerifier(),
    ];
    const url = oidc.buildAuthorizationUrl(configuration, {
      redirect_uri: callback,
      scope: 'openid test-scope',
      state,
      nonce,
      max_age: '60',
      code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: 'S256',
    });
    const browser = browserOf();
    const back = await signIn(browser, await browser.request(url.href));
    const tokens = await oidc.authorizationCodeGrant(configuration, back, {
      expectedState: state,
      expectedNonce: nonce,
      pkceCodeVerifier,
      maxAge: 60,
      idTokenExpected: true,
    });
    const claims = tokens.claims() ?? assert.fail('no ID token');
    const told = await oidc.fetchUserInfo(configuration, tokens.access_token, claims.sub);
    assert.equal(told['username'], 'alice');

    const logout = oidc.buildEndSessionUrl(configuration, { id_token_hint: tokens.id_token ?? '' });
    const asked = await browser.request(logout.href);
    const text = await asked.text();
    assert.ok(asked.status < 400, text);
    const action = /<form[^>]* action="([^"]+)"/.exec(text)?.[1];
    if (action !== undefined) {
      const fields = [...text.matchAll(/<input[^>]* name="([^"]+)"[^>]* value="([^"]*)"/g)].map(
        ([, name = '', value = '']): [string, string] => [name, value],
      );
      const body = new URLSearchParams([...fields, ['logout', 'yes']]);
      const confirmed = await browser.request(action, {
        method: 'POST',
        body,
        headers: { origin: on.service.url },
      });
      assert.ok(confirmed.status < 400, await confirmed.text());
    }
    assertAsksToSignIn(await openPage(browser, { client_id: open.id, code_challenge: verifier }, 'all'));
  });
});
