import assert from 'node:assert/strict';
import { changeCredential } from '../../../src/domain/authn/credential-change.ts';
import { roleOfLogin } from '../../../src/domain/ids.ts';
import { subjectKeyOf } from '../../../src/domain/provider/identity/subject.ts';
import { CookieBrowser } from '../../support/cookie-browser.ts';
import { engineAccount } from '../../support/engine-server.ts';
import {
  authorizePath,
  codeFor,
  lastReason,
  post,
  redeem,
  tokensFor,
  userinfo,
  type Answer,
} from '../../support/engine-flow.ts';
import { engineStage } from '../../support/engine-stage.ts';

describe('a role whose credential is changed', () => {
  const alice = roleOfLogin(engineAccount, 'alice');
  const stage = engineStage(async (server) => {
    await server.client('app');
  });
  /** As a new password does, or a rotation. */
  const changeHers = async (): Promise<void> => {
    await changeCredential(stage.server.services, alice, 'credential', (credential) => ({
      sealedApiKey: credential?.sealedApiKey,
      passwordHash: `${credential?.passwordHash ?? ''}+`,
      restrictedTo: [],
    }));
  };
  const begin = async (browser: CookieBrowser, changes = {}): Promise<string> =>
    (await browser.request(authorizePath('one', 'app', changes))).headers.get('location') ?? '';
  const refresh = (token: string | undefined): Promise<Answer> =>
    post(
      stage.server,
      '/api/one/token',
      { grant_type: 'refresh_token', refresh_token: token },
      { id: 'app' },
    );

  it('has to sign in anew, in every browser where it was signed in', async () => {
    const { server } = stage;
    const browser = new CookieBrowser(server.url);
    await codeFor(server, 'app', { browser });
    assert.match(await begin(browser), /[?&]code=/);
    await changeHers();
    assert.match(await begin(browser, { prompt: 'none' }), /[?&]error=login_required/);
    const page = await begin(browser);
    assert.match(page, /^\/sign-in\//);
    const { prompt, reasons } = (await (await browser.request(page)).json()) as {
      readonly prompt: string;
      readonly reasons: readonly string[];
    };
    assert.deepEqual([prompt, reasons], ['login', ['credential_changed']]);
    await codeFor(server, 'app', { browser });
    assert.match(await begin(browser), /[?&]code=/, 'signed in anew');
    const bob = new CookieBrowser(server.url);
    await codeFor(server, 'app', { browser: bob, login: 'bob' });
    await changeHers();
    assert.match(await begin(bob), /[?&]code=/, 'nobody else has to');
  });

  it('has to sign in anew also where it changed while somebody was asked to agree', async () => {
    const browser = new CookieBrowser(stage.server.url);
    const login = await begin(browser, { prompt: 'consent' });
    const resumed = await browser.request(`${login}?as=alice`, { method: 'POST' });
    const consent = await browser.request(new URL(resumed.headers.get('location') ?? '').pathname);
    await changeHers();
    const agreed = await browser.request(`${consent.headers.get('location') ?? ''}?agree`, {
      method: 'POST',
    });
    const next = await browser.request(new URL(agreed.headers.get('location') ?? '').pathname);
    assert.match(next.headers.get('location') ?? '', /^\/sign-in\//);
  });

  it('signs nobody in with a credential that was replaced meanwhile', async () => {
    const { server } = stage;
    const browser = new CookieBrowser(server.url);
    const page = await begin(browser);
    await changeHers();
    const signedIn = await browser.request(`${page}?as=alice&revision=1`, { method: 'POST' });
    const next = await browser.request(new URL(signedIn.headers.get('location') ?? '').pathname);
    assert.match(next.headers.get('location') ?? '', /^\/sign-in\//);
  });

  it('can refresh nothing of before, nor redeem a code', async () => {
    const { server } = stage;
    const first = await tokensFor(server, 'app');
    const second = (await refresh(first['refresh_token'])).body as Readonly<Record<string, string>>;
    const code = await codeFor(server, 'app');
    await changeHers();
    for (const answer of [await refresh(second['refresh_token']), await redeem(server, 'app', code)]) {
      assert.deepEqual([answer.status, answer.body['error']], [400, 'invalid_grant']);
      assert.match(lastReason(server) ?? '', /credential/);
    }
    const active = async (token = ''): Promise<unknown> =>
      (await post(server, '/api/one/introspect', { token }, { id: 'app' })).body['active'];
    assert.equal(await active(second['refresh_token']), false);
    assert.equal(await active(second['access_token']), true);
    assert.equal((await userinfo(server, second['access_token'] ?? '')).status, 200, 'until it expires');
    const anew = await tokensFor(server, 'app');
    assert.equal((await refresh(anew['refresh_token'])).status, 200);
  });

  it('can redeem no code that a dialect had made for it, and refresh nothing that one had issued', async () => {
    const { server } = stage;
    const issuer = await server.engine.issuer(server.spec('one'));
    const { state } = await server.view();
    const client = state.registry.get('oidc-client', 'app') ?? assert.fail();
    const role = state.graph.role(alice) ?? assert.fail();
    const authorization = { role, client, scopes: ['openid'], audiences: [], attributes: {} };
    const redirectUri = 'https://app.example/callback';
    const code = await issuer.mintCode({ authorization, redirectUri });
    const { refreshToken } = await issuer.issueTokens(await server.view(), authorization, {
      refreshToken: true,
    });
    assert.equal(
      (await issuer.findCode(await server.view(), code))?.subjectKey,
      subjectKeyOf(role),
      'as long as it is the same',
    );
    await changeHers();
    assert.equal(await issuer.findCode(await server.view(), code), undefined);
    assert.equal((await refresh(refreshToken)).body['error'], 'invalid_grant');
  });
});
