import assert from 'node:assert/strict';
import { CookieBrowser } from '../../support/cookie-browser.ts';
import {
  authorizePath,
  callback,
  claimsOf,
  codeFor,
  follow,
  lastReason,
  redeem,
  tokensFor,
  type Form,
} from '../../support/engine-flow.ts';
import { engineStage } from '../../support/engine-stage.ts';

describe('the authorization endpoint', () => {
  const stage = engineStage(async (server) => {
    await server.client('app', {
      redirectUris: [callback, 'http://127.0.0.1/loop', 'http://localhost:1/x?y=z'],
    });
    await server.client('spa', { type: 'public', secrets: [] });
    await server.client('assigned', { assignments: ['acct:user:bob'] });
  });

  const ask = (browser: CookieBrowser, changes: Form = {}, clientId = 'app'): Promise<Response> =>
    browser.request(authorizePath('one', clientId, changes));
  const fresh = (): CookieBrowser => new CookieBrowser(stage.server.url);
  const signedIn = async (login = 'alice'): Promise<CookieBrowser> => {
    const browser = fresh();
    await codeFor(stage.server, 'app', { browser, login });
    return browser;
  };
  const redirectOf = (response: Response): URLSearchParams => {
    assert.equal(response.status, 303);
    const url = new URL(response.headers.get('location') ?? '', stage.server.url);
    assert.equal(url.origin + url.pathname, callback);
    return url.searchParams;
  };
  const pageOf = async (
    browser: CookieBrowser,
    response: Response,
  ): Promise<Readonly<Record<string, unknown>>> => {
    assert.match(response.headers.get('location') ?? '', /^\/sign-in\/vault\.one\//);
    return (await (await browser.request(response.headers.get('location') ?? '')).json()) as Record<
      string,
      unknown
    >;
  };

  it('tells the sign-in page what is asked for', async () => {
    const browser = fresh();
    const response = await ask(browser, {
      login_hint: 'alice@example',
      ui_locales: 'de en',
      prompt: 'login',
    });
    assert.deepEqual(await pageOf(browser, response), {
      prompt: 'login',
      reasons: ['login_prompt', 'no_session'],
      scopes: ['openid', 'profile'],
      redirectUri: callback,
      loginHint: 'alice@example',
      uiLocales: 'de en',
      client: 'app',
    });
  });

  it('needs no second sign-in of a browser that has a session', async () => {
    const browser = await signedIn();
    const parameters = redirectOf(await ask(browser));
    assert.match(parameters.get('code') ?? '', /^[\w-]{20,}$/);
    assert.deepEqual([parameters.get('state'), parameters.get('iss')], ['st', stage.server.issuerUrl('one')]);
  });

  it('takes a POST as a GET', async () => {
    const browser = await signedIn();
    const [path = '', query = ''] = authorizePath('one', 'app').split('?');
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const response = await browser.request(path, { method: 'POST', headers, body: query });
    assert.ok(redirectOf(response).has('code'));
  });

  it('answers prompt=none without a session by login_required, and with one by a code', async () => {
    assert.equal(redirectOf(await ask(fresh(), { prompt: 'none' })).get('error'), 'login_required');
    assert.ok(redirectOf(await ask(await signedIn(), { prompt: 'none' })).has('code'));
  });

  it('asks anew with prompt=login and with max_age=0, and says when it was', async () => {
    for (const changes of [{ prompt: 'login' }, { max_age: '0' }]) {
      const browser = await signedIn();
      const page = await pageOf(browser, await ask(browser, changes));
      assert.deepEqual([page['prompt'], page['role']], ['login', 'acct:user:alice']);
      const code = await codeFor(stage.server, 'app', { browser, changes });
      assert.equal(
        typeof claimsOf((await redeem(stage.server, 'app', code)).body['id_token'])['auth_time'],
        'number',
      );
    }
  });

  it('asks anew once the session is older than max_age', async () => {
    const browser = await signedIn();
    assert.ok(redirectOf(await ask(browser, { max_age: '100', prompt: 'none' })).has('code'));
    const old = await ask(browser, { max_age: '0', prompt: 'none' });
    assert.match(redirectOf(old).get('error') ?? '', /login_required|invalid_request/);
  });

  it('takes another person who signs in where somebody was', async () => {
    const browser = await signedIn('alice');
    const code = await codeFor(stage.server, 'app', { browser, login: 'bob', changes: { prompt: 'login' } });
    assert.equal(
      claimsOf((await redeem(stage.server, 'app', code)).body['id_token'])['login'],
      'acct:user:bob',
    );
    const next = await codeFor(stage.server, 'app', { browser });
    assert.equal(
      claimsOf((await redeem(stage.server, 'app', next)).body['id_token'])['login'],
      'acct:user:bob',
    );
  });

  it('holds id_token_hint against who is signed in', async () => {
    const { id_token: hint } = await tokensFor(stage.server, 'app', { login: 'alice' });
    const prompt = { prompt: 'none', id_token_hint: hint };
    assert.ok(redirectOf(await ask(await signedIn('alice'), prompt)).has('code'));
    assert.equal(redirectOf(await ask(await signedIn('bob'), prompt)).get('error'), 'login_required');
    const forged = { ...prompt, id_token_hint: `${String(hint).slice(0, -8)}AAAAAAAA` };
    assert.equal(redirectOf(await ask(await signedIn('alice'), forged)).get('error'), 'invalid_request');
  });

  it('asks anew when the session’s role is gone', async () => {
    await stage.server.load('- !user erin');
    const browser = await signedIn('erin');
    await stage.server.load('- !delete { record: !user erin }', 'update');
    assert.equal(redirectOf(await ask(browser, { prompt: 'none' })).get('error'), 'login_required');
    const page = await pageOf(browser, await ask(browser));
    assert.deepEqual([page['reasons'], page['role']], [['role_gone'], undefined]);
  });

  it('sends back who may not use the client, and records why', async () => {
    const browser = await signedIn('alice');
    const parameters = redirectOf(await ask(browser, {}, 'assigned'));
    assert.deepEqual([parameters.get('error'), parameters.get('state')], ['access_denied', 'st']);
    assert.doesNotMatch(parameters.toString(), /assigned/);
    assert.equal(lastReason(stage.server), 'not assigned');
    assert.ok(
      (await follow(stage.server, fresh(), authorizePath('one', 'assigned'), 'bob')).searchParams.has('code'),
    );
  });

  it('sends back who does not want to', async () => {
    const browser = fresh();
    const page = (await ask(browser)).headers.get('location') ?? '';
    const denied = await browser.request(`${page}?deny`, { method: 'POST' });
    const response = await browser.request(denied.headers.get('location') ?? '');
    assert.equal(redirectOf(response).get('error'), 'access_denied');
  });

  for (const [what, changes] of [
    ['another redirect URI', { redirect_uri: 'https://app.example/callback/' }],
    ['a redirect URI that only begins alike', { redirect_uri: 'https://app.example/callback.evil' }],
    ['no redirect URI', { redirect_uri: undefined }],
    ['a loopback host of another name', { redirect_uri: 'http://127.0.0.2/loop' }],
    ['an unknown client', { client_id: 'nobody' }],
    ['no client', { client_id: undefined }],
  ] as const) {
    it(`shows a page and sends nobody away for ${what}`, async () => {
      const response = await ask(fresh(), changes);
      assert.equal(response.status, 400);
      assert.equal(response.headers.get('location'), null);
      assert.equal(typeof ((await response.json()) as Record<string, unknown>)['error'], 'string');
    });
  }

  it('leaves the port of a loopback redirect URI free, and nothing else', async () => {
    const browser = await signedIn();
    for (const uri of ['http://127.0.0.1:53211/loop', 'http://127.0.0.1/loop', 'http://localhost:9/x?y=z']) {
      const response = await ask(browser, { redirect_uri: uri });
      assert.ok(response.headers.get('location')?.startsWith(uri), uri);
    }
    for (const uri of [
      'http://127.0.0.1:53211/loop/x',
      'http://localhost:9/x?y=zz',
      'https://127.0.0.1:5/loop',
    ]) {
      assert.equal((await ask(browser, { redirect_uri: uri })).status, 400, uri);
    }
  });

  it('wants a challenge of public clients, and S256', async () => {
    const browser = await signedIn();
    const none = { code_challenge: undefined, code_challenge_method: undefined };
    assert.equal(redirectOf(await ask(browser, none, 'spa')).get('error'), 'invalid_request');
    assert.equal(
      redirectOf(await ask(browser, { code_challenge_method: 'plain' })).get('error'),
      'invalid_request',
    );
  });

  for (const [what, changes, error] of [
    ['response types other than code', { response_type: 'token' }, 'unsupported_response_type'],
    ['request objects', { request: 'x' }, 'request_not_supported'],
    ['request URIs', { request_uri: 'https://x.example' }, 'request_uri_not_supported'],
    ['an unknown prompt', { prompt: 'dance' }, 'invalid_request'],
  ] as const) {
    it(`refuses ${what}`, async () => {
      const response = await ask(await signedIn(), changes);
      const url = new URL(response.headers.get('location') ?? '', stage.server.url);
      const parameters = new URLSearchParams(url.search === '' ? url.hash.slice(1) : url.search);
      assert.equal(parameters.get('error'), error);
    });
  }

  it('leaves out scopes that the issuer does not know', async () => {
    const browser = await signedIn();
    const code = redirectOf(await ask(browser, { scope: 'openid unknown profile' })).get('code') ?? '';
    assert.equal((await redeem(stage.server, 'app', code)).body['scope'], 'openid profile');
  });

  it('refuses a query that is too long', async () => {
    assert.equal((await ask(fresh(), { state: 'x'.repeat(17_000) })).status, 400);
  });

  it('answers other methods by 405', async () => {
    const response = await fresh().request(authorizePath('one', 'app'), { method: 'PUT' });
    assert.deepEqual([response.status, response.headers.get('allow')], [405, 'GET, POST']);
  });
});

describe('the authorization endpoint of a dialect with plain challenges', () => {
  const stage = engineStage(
    async (server) => {
      await server.client('app');
    },
    { spec: { plainCodeChallenges: true, authTimeOnRequestOnly: true } },
  );
  const plain = 'plain-verifier-that-is-long-enough-for-rfc-7636';

  for (const method of ['plain', undefined]) {
    it(`takes the verifier of a challenge by the method ${method ?? 'that is the default'}`, async () => {
      const changes = { code_challenge: plain, code_challenge_method: method };
      const code = await codeFor(stage.server, 'app', { changes });
      const wrong = await redeem(stage.server, 'app', code, { code_verifier: `${plain}x` });
      assert.equal(wrong.body['error'], 'invalid_grant');
      assert.equal((await redeem(stage.server, 'app', code, { code_verifier: plain })).status, 200);
    });
  }

  it('says auth_time only where it was asked for', async () => {
    const silent = await tokensFor(stage.server, 'app');
    assert.equal(claimsOf(silent['id_token'])['auth_time'], undefined);
    const asked = await tokensFor(stage.server, 'app', { changes: { max_age: '1000' } });
    assert.equal(typeof claimsOf(asked['id_token'])['auth_time'], 'number');
  });
});

describe('the authorization endpoint of a dialect that asks for consent', () => {
  const stage = engineStage(
    async (server) => {
      await server.client('app');
    },
    { spec: { consent: true } },
  );

  it('asks once for each scope, and issues what was agreed to', async () => {
    const browser = new CookieBrowser(stage.server.url);
    const first = await browser.request(authorizePath('one', 'app', { scope: 'openid' }));
    const signedIn = await browser.request(`${first.headers.get('location') ?? ''}?as=alice`, {
      method: 'POST',
    });
    const resumed = await browser.request(signedIn.headers.get('location') ?? '');
    const consent = resumed.headers.get('location') ?? '';
    const page = (await (await browser.request(consent)).json()) as Record<string, unknown>;
    assert.deepEqual(
      [page['prompt'], page['reasons'], page['role']],
      ['consent', ['op_scopes_missing'], 'acct:user:alice'],
    );
    const agreed = await browser.request(`${consent}?agree`, { method: 'POST' });
    const done = await browser.request(agreed.headers.get('location') ?? '');
    assert.match(done.headers.get('location') ?? '', /^https:\/\/app\.example\/callback\?code=/);
    const again = await browser.request(authorizePath('one', 'app', { scope: 'openid' }));
    assert.match(again.headers.get('location') ?? '', /\?code=/);
    const more = await browser.request(authorizePath('one', 'app', { scope: 'openid profile' }));
    assert.match(more.headers.get('location') ?? '', /^\/sign-in\//);
  });
});
