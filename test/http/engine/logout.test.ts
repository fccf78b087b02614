import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createLocalJWKSet, jwtVerify, type JSONWebKeySet } from 'jose';
import { CookieBrowser } from '../../support/cookie-browser.ts';
import {
  authorizePath,
  claimsOf,
  codeFor,
  queryOf,
  redeem,
  userinfo,
  type Form,
} from '../../support/engine-flow.ts';
import { engineStage } from '../../support/engine-stage.ts';

describe('a logout that a client begins', () => {
  const received: string[] = [];
  let receiver: Server;
  let receiverUrl = '';
  const stage = engineStage(async (server) => {
    receiver = createServer((request, response) => {
      void (async () => {
        const chunks: Buffer[] = [];
        for await (const chunk of request) chunks.push(chunk as Buffer);
        received.push(new URLSearchParams(Buffer.concat(chunks).toString()).get('logout_token') ?? '');
        response.statusCode = request.url === '/refuses' ? 400 : 200;
        response.end();
      })();
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    receiverUrl = `http://127.0.0.1:${String((receiver.address() as AddressInfo).port)}`;
    await server.client('app', { backchannelLogoutUri: `${receiverUrl}/told` });
    await server.client('second', { backchannelLogoutUri: `${receiverUrl}/refuses` });
    await server.client('third');
  });
  after(() => {
    receiver.close();
  });
  beforeEach(() => {
    received.length = 0;
  });

  const ask = (browser: CookieBrowser, parameters: Form): Promise<Response> =>
    browser.request(`/pages/one/logout?${queryOf(parameters)}`);
  const confirm = async (browser: CookieBrowser, asked: Response, logout = true): Promise<Response> => {
    const { action, fields } = (await asked.json()) as { action: string; fields: Record<string, string> };
    const form = queryOf({ ...fields, logout: logout ? 'yes' : undefined });
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    return browser.request(action, { method: 'POST', headers, body: form });
  };
  const signIn = async (browser: CookieBrowser, clientId: string, changes: Form = {}) =>
    (await redeem(stage.server, clientId, await codeFor(stage.server, clientId, { browser, changes }))).body;

  it('asks, ends the session and its tokens, and sends the browser back', async () => {
    const browser = new CookieBrowser(stage.server.url);
    const tokens = await signIn(browser, 'app');
    const asked = await ask(browser, {
      id_token_hint: String(tokens['id_token']),
      post_logout_redirect_uri: 'https://app.example/bye',
      state: 'st',
    });
    const done = await confirm(browser, asked);
    assert.deepEqual([done.status, done.headers.get('location')], [303, 'https://app.example/bye?state=st']);
    assert.equal((await userinfo(stage.server, String(tokens['access_token']))).status, 401);
    const next = await browser.request(authorizePath('one', 'app'));
    assert.match(next.headers.get('location') ?? '', /^\/sign-in\//);
    const event = stage.server.audit.events.findLast(({ type }) => type === 'oidc-provider');
    assert.ok(event?.type === 'oidc-provider');
  });

  it('tells the clients of the session by a signed token, and none that was not in it', async () => {
    const browser = new CookieBrowser(stage.server.url);
    const tokens = await signIn(browser, 'app');
    await signIn(browser, 'third');
    await confirm(browser, await ask(browser, { client_id: 'app' }));
    assert.equal(received.length, 1);
    const keys = (await (await fetch(`${stage.server.issuerUrl('one')}/keys`)).json()) as JSONWebKeySet;
    const { payload, protectedHeader } = await jwtVerify(received[0] ?? '', createLocalJWKSet(keys), {
      issuer: stage.server.issuerUrl('one'),
      audience: 'app',
      requiredClaims: ['exp', 'iat', 'jti', 'events', 'sub', 'sid'],
    });
    assert.equal(protectedHeader.typ, 'logout+jwt');
    const { sub, sid } = claimsOf(tokens['id_token']);
    assert.deepEqual([payload.sub, payload['sid'], payload['nonce']], [sub, sid, undefined]);
    assert.deepEqual(payload['events'], { 'http://schemas.openid.net/event/backchannel-logout': {} });
  });

  it('signs out also where a client refuses to be told', async () => {
    const browser = new CookieBrowser(stage.server.url);
    await signIn(browser, 'second');
    const done = await confirm(browser, await ask(browser, {}));
    assert.equal(done.headers.get('location'), `${stage.server.url}/pages/one/logout/success`);
    assert.equal(received.length, 1, 'a no is not asked again');
    const records = stage.server.audit.events
      .filter((event) => event.type === 'oidc-provider' && event.operation === 'logout')
      .slice(-2);
    assert.deepEqual(
      records.map((event) => event.type === 'oidc-provider' && [event.outcome, event.role, event.client]),
      [
        ['failure', 'acct:user:alice', 'second'],
        ['success', 'acct:user:alice', ''],
      ],
    );
    const page = await browser.request('/pages/one/logout/success');
    assert.deepEqual([page.status, await page.text()], [200, 'Signed out']);
  });

  it('leaves the session where somebody does not want to', async () => {
    const browser = new CookieBrowser(stage.server.url);
    await signIn(browser, 'third');
    await confirm(browser, await ask(browser, {}), false);
    assert.match(
      (await browser.request(authorizePath('one', 'third'))).headers.get('location') ?? '',
      /\?code=/,
    );
  });

  it('keeps what was to outlive the session', async () => {
    const browser = new CookieBrowser(stage.server.url);
    const tokens = await signIn(browser, 'third', { scope: 'openid offline_access', prompt: 'consent' });
    assert.equal(tokens['scope'], 'openid offline_access');
    await confirm(browser, await ask(browser, {}));
    assert.equal((await userinfo(stage.server, String(tokens['access_token']))).status, 200);
  });

  for (const [what, parameters] of [
    [
      'a page that is not registered',
      { client_id: 'app', post_logout_redirect_uri: 'https://evil.example/' },
    ],
    ['a hint that is no token', { id_token_hint: 'x.y.z' }],
    ['an unknown client', { client_id: 'nobody' }],
  ] as const) {
    it(`refuses ${what}, and sends nobody there`, async () => {
      const response = await ask(new CookieBrowser(stage.server.url), parameters);
      assert.deepEqual([response.status, response.headers.get('location')], [400, null]);
    });
  }

  it('ignores where to go afterwards when no client says so', async () => {
    const browser = new CookieBrowser(stage.server.url);
    await signIn(browser, 'third');
    const done = await confirm(
      browser,
      await ask(browser, { post_logout_redirect_uri: 'https://app.example/bye' }),
    );
    assert.equal(done.headers.get('location'), `${stage.server.url}/pages/one/logout/success`);
  });

  it('takes no answer that was not asked for', async () => {
    const browser = new CookieBrowser(stage.server.url);
    await signIn(browser, 'third');
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const forged = { method: 'POST', headers, body: 'xsrf=x&logout=yes' };
    assert.equal((await browser.request('/pages/one/logout/confirm', forged)).status, 400);
    assert.match(
      (await browser.request(authorizePath('one', 'third'))).headers.get('location') ?? '',
      /\?code=/,
    );
  });
});
