import assert from 'node:assert/strict';
import { createLocalJWKSet, jwtVerify, type JSONWebKeySet } from 'jose';
import { FreshPairs } from '../../../src/domain/provider/keys/signing.ts';
import { keyNamed, refilled, rotated } from '../../../src/domain/provider/keys/ring.ts';
import { changeRegistryAsService } from '../../../src/domain/provider/registry/change.ts';
import { putRecord } from '../../../src/domain/provider/registry/registry.ts';
import type { SigningAlgorithm } from '../../../src/domain/provider/registry/records.ts';
import { CookieBrowser } from '../../support/cookie-browser.ts';
import { engineAccount } from '../../support/engine-server.ts';
import {
  authorizePath,
  claimsOf,
  codeFor,
  headerOf,
  post,
  redeem,
  tokensFor,
  userinfo,
} from '../../support/engine-flow.ts';
import { engineStage } from '../../support/engine-stage.ts';

describe('issuers beside one another', () => {
  const stage = engineStage(async (server) => {
    await server.client('app');
    await server.client('only-two', { loginPolicy: 'two' });
  });

  it('do not take codes, tokens or refresh tokens of another', async () => {
    const code = await codeFor(stage.server, 'app');
    assert.equal((await redeem(stage.server, 'app', code, {}, 'two')).body['error'], 'invalid_grant');
    const { body } = await redeem(stage.server, 'app', code);
    assert.equal((await userinfo(stage.server, String(body['access_token']), 'two')).status, 401);
    const refresh = { grant_type: 'refresh_token', refresh_token: String(body['refresh_token']) };
    assert.equal(
      (await post(stage.server, '/api/two/token', refresh, { id: 'app' })).body['error'],
      'invalid_grant',
    );
    const token = { token: String(body['access_token']) };
    assert.deepEqual((await post(stage.server, '/api/two/introspect', token, { id: 'app' })).body, {
      active: false,
    });
    assert.equal((await post(stage.server, '/api/two/revoke', token, { id: 'app' })).status, 200);
    assert.equal((await userinfo(stage.server, String(body['access_token']))).status, 200);
  });

  it('keep sessions apart in one browser', async () => {
    const browser = new CookieBrowser(stage.server.url);
    await codeFor(stage.server, 'app', { browser, login: 'alice', issuer: 'one' });
    const asked = await browser.request(authorizePath('two', 'app'));
    assert.match(asked.headers.get('location') ?? '', /^\/sign-in\/vault\.two\//);
    await codeFor(stage.server, 'app', { browser, login: 'bob', issuer: 'two' });
    const still = await codeFor(stage.server, 'app', { browser, issuer: 'one' });
    assert.equal(
      claimsOf((await redeem(stage.server, 'app', still)).body['id_token'])['login'],
      'acct:user:alice',
    );
  });

  it('scope every cookie to its pages, out of reach of scripts and of other sites', async () => {
    const browser = new CookieBrowser(stage.server.url);
    await codeFor(stage.server, 'app', { browser });
    await browser.request(authorizePath('one', 'app', { prompt: 'login' }));
    assert.ok(browser.cookies.length >= 4);
    for (const { path, attributes, name } of browser.cookies) {
      assert.match(path, /^\/(pages\/one|sign-in\/vault\.one\/)/, name);
      assert.match(attributes, /httponly/);
      assert.match(attributes, /samesite=lax/);
    }
  });

  it('know only the clients that are allowed there', async () => {
    const form = { grant_type: 'client_credentials' };
    assert.equal(
      (await post(stage.server, '/api/one/token', form, { id: 'only-two' })).body['error'],
      'invalid_client',
    );
    assert.equal((await post(stage.server, '/api/two/token', form, { id: 'only-two' })).status, 200);
  });

  it('take no sign-in page’s result of another browser, or of another issuer', async () => {
    const browser = new CookieBrowser(stage.server.url);
    const page = (await browser.request(authorizePath('one', 'app'))).headers.get('location') ?? '';
    const stranger = new CookieBrowser(stage.server.url);
    assert.equal((await stranger.request(`${page}?as=bob`, { method: 'POST' })).status, 404);
    assert.equal((await browser.request(page.replace('vault.one', 'vault.two'))).status, 404);
    const finished = await browser.request(`${page}?as=alice`, { method: 'POST' });
    assert.equal((await browser.request(`${page}?as=bob`, { method: 'POST' })).status, 404, 'it is done');
    const resume = finished.headers.get('location') ?? '';
    const stolen = await stranger.request(resume);
    assert.equal(stolen.status, 400);
    assert.match((await browser.request(resume)).headers.get('location') ?? '', /\?code=/);
  });

  it('say the same addresses whatever Host and forwarding headers a request has', async () => {
    const headers = {
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'https',
      forwarded: 'host=evil.example',
    };
    const response = await fetch(`${stage.server.issuerUrl('one')}/.well-known/openid-configuration`, {
      headers,
    });
    assert.doesNotMatch(await response.text(), /evil/);
    const browser = new CookieBrowser(stage.server.url);
    const asked = await browser.request(authorizePath('one', 'app'), { headers });
    const page = asked.headers.get('location') ?? '';
    const finished = await browser.request(`${page}?as=alice`, { method: 'POST', headers });
    assert.ok(finished.headers.get('location')?.startsWith(`${stage.server.url}/pages/one/authorize/`));
  });

  it('answer discovery and keys for a while, for scripts of any origin, without cookies', async () => {
    for (const [path, maxAge] of [
      ['.well-known/openid-configuration', 3_600],
      ['keys', 300],
    ] as const) {
      const response = await fetch(`${stage.server.issuerUrl('one')}/${path}`, {
        headers: { origin: 'https://x.example' },
      });
      assert.equal(response.headers.get('cache-control'), `public, max-age=${String(maxAge)}`);
      assert.equal(response.headers.get('access-control-allow-origin'), '*');
      assert.equal(response.headers.get('access-control-allow-credentials'), null);
      assert.doesNotMatch(await response.text(), /"d":/);
    }
  });

  it('offer in discovery what they answer', async () => {
    const response = await fetch(`${stage.server.issuerUrl('one')}/.well-known/openid-configuration`);
    const document = (await response.json()) as Record<string, string>;
    assert.equal(document['issuer'], stage.server.issuerUrl('one'));
    assert.equal(document['authorization_endpoint'], `${stage.server.url}/pages/one/authorize`);
    for (const name of ['token', 'introspection', 'revocation']) {
      const answer = await fetch(document[`${name}_endpoint`] ?? '', { method: 'POST' });
      assert.equal(answer.status, 400, name);
    }
    assert.equal((await fetch(document['userinfo_endpoint'] ?? '')).status, 401);
    assert.equal((await fetch(document['end_session_endpoint'] ?? '')).status, 200);
  });
});

describe('an issuer that is made anew', () => {
  const scopes = { value: ['profile'] };
  const stage = engineStage(
    async (server) => {
      await server.client('app');
    },
    { spec: () => ({ scopesSupported: scopes.value }) },
  );

  it('goes on with a sign-in that began before', async () => {
    const browser = new CookieBrowser(stage.server.url);
    const page = (await browser.request(authorizePath('one', 'app'))).headers.get('location') ?? '';
    scopes.value = ['profile', 'email'];
    const finished = await browser.request(`${page}?as=alice`, { method: 'POST' });
    scopes.value = ['profile', 'email', 'phone'];
    const back = await browser.request(finished.headers.get('location') ?? '');
    const code = new URL(back.headers.get('location') ?? '').searchParams.get('code') ?? '';
    scopes.value = ['profile'];
    assert.equal((await redeem(stage.server, 'app', code)).status, 200);
  });
});

describe('the keys of clients', () => {
  const stage = engineStage(async (server) => {
    await server.client('app');
  });

  const makeKey = async (name: string, algorithm: SigningAlgorithm, keep = false): Promise<void> => {
    const { services } = stage.server;
    await changeRegistryAsService(services, engineAccount, async (view) => {
      const known = keep ? keyNamed(view.state, name) : undefined;
      const fresh = new FreshPairs(services, Date.now());
      const blank = {
        name,
        algorithm,
        rotationPeriodSeconds: 3_600,
        verificationTtlSeconds: 3_600,
        allowedClientIds: ['*'],
        pairs: [],
        nextRotationAt: 0,
      };
      const record =
        known === undefined
          ? refilled(blank, await fresh.two(algorithm), Date.now())
          : rotated(known, await fresh.one(algorithm), Date.now());
      return { changes: [putRecord('oidc-key', record)], result: undefined };
    });
  };
  const verify = async (token: string): Promise<string> => {
    const keys = (await (await fetch(`${stage.server.issuerUrl('one')}/keys`)).json()) as JSONWebKeySet;
    const { protectedHeader } = await jwtVerify(token, createLocalJWKSet(keys));
    return `${protectedHeader.alg} ${protectedHeader.kid ?? ''}`;
  };

  for (const algorithm of ['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512', 'EdDSA'] as const) {
    it(`sign with ${algorithm}`, async () => {
      await makeKey(`key-${algorithm}`, algorithm);
      await stage.server.client(`app-${algorithm}`, { key: `key-${algorithm}`, accessTokenFormat: 'jwt' });
      const tokens = await tokensFor(stage.server, `app-${algorithm}`);
      assert.match(await verify(tokens['id_token'] ?? ''), new RegExp(`^${algorithm} `));
      assert.match(await verify(tokens['access_token'] ?? ''), new RegExp(`^${algorithm} `));
    });
  }

  it('are each client’s own, also where two have the same algorithm', async () => {
    await makeKey('first', 'RS256');
    await makeKey('second', 'RS256');
    await stage.server.client('one-client', { key: 'first' });
    await stage.server.client('other-client', { key: 'second' });
    const [one, other] = [
      await tokensFor(stage.server, 'one-client'),
      await tokensFor(stage.server, 'other-client'),
    ];
    assert.notEqual(headerOf(one['id_token']).kid, headerOf(other['id_token']).kid);
    await verify(one['id_token'] ?? '');
    await verify(other['id_token'] ?? '');
  });

  it('turn without anything being made anew, and what was signed before still verifies', async () => {
    await makeKey('turning', 'ES256');
    await stage.server.client('turner', { key: 'turning' });
    const before = await tokensFor(stage.server, 'turner');
    await makeKey('turning', 'ES256', true);
    const after = await tokensFor(stage.server, 'turner');
    assert.notEqual(headerOf(before['id_token']).kid, headerOf(after['id_token']).kid);
    await verify(before['id_token'] ?? '');
    await verify(after['id_token'] ?? '');
  });

  it('fail the request, and no more, where they are gone', async () => {
    await stage.server.client('keyless', { key: 'nowhere' });
    const code = await codeFor(stage.server, 'keyless');
    const answer = await redeem(stage.server, 'keyless', code);
    assert.deepEqual([answer.status, answer.body['error']], [500, 'server_error']);
  });
});
