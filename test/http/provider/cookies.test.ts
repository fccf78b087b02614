/** The cookies of sign-ins: as few as there can be, and kept to where they are for. */
import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Agent, fetch as undiciFetch } from 'undici';
import { createCertificateAuthority } from '../../support/certificates.ts';
import { OpenIdWorld, type Application } from '../../support/openid-world.ts';
import { startTestService, type TestService } from '../../support/service.ts';
import { temporaryDirectory } from '../../support/temp.ts';
import { assertAway, assertPage } from '../../support/visitor.ts';

const page = '/ui/vault/identity/oidc/provider/default';

describe('the cookies of a sign-in', () => {
  let service: TestService;
  let world: OpenIdWorld;
  let app: Application;
  before(async () => {
    service = await startTestService();
    world = await OpenIdWorld.of(service);
    app = await world.vaultClient('rp');
  });
  after(() => service.stop());

  it('are none where nobody signs in', async () => {
    const visitor = world.visitor();
    for (const path of [
      `${app.issuer}/.well-known/openid-configuration`,
      `${app.issuer}/.well-known/keys`,
      '/sign-in/style.css',
      '/sign-in/callback?state=x',
      '/sign-in/vault.x/y',
      `${page}/logout/success`,
      app.begin({ redirect_uri: 'https://evil.example/' }).url.href,
      app.begin({ prompt: 'none' }).url.href,
    ]) {
      const response = await visitor.browser.request(path);
      assert.deepEqual(response.headers.getSetCookie(), [], path);
    }
  });

  it('are two of the pending sign-in, each for its own path, then one of the session for the issuer’s', async () => {
    const visitor = world.visitor();
    const first = assertPage(await visitor.open(app.begin().url), 'Sign in');
    const uid = first.path.split('/').at(-1) ?? '';
    const shown = (): readonly (readonly [string, string])[] =>
      visitor.browser.cookies
        .filter(({ name }) => !name.endsWith('.sig'))
        .map(({ name, path }) => [name, path] as const)
        .sort();
    assert.deepEqual(shown(), [
      ['latchkey_resume', `${page}/authorize/${uid}`],
      ['latchkey_sign_in', first.path],
    ]);
    assertAway(await app.enter(visitor, first));
    assert.deepEqual(
      shown().filter(([name]) => name === 'latchkey_session'),
      [['latchkey_session', page]],
    );
    for (const { attributes } of visitor.browser.cookies) {
      assert.match(attributes, /; httponly/);
      assert.match(attributes, /samesite=lax/);
      assert.doesNotMatch(attributes, /domain=/);
    }
  });

  it('count only as they were given: changed ones are as none', async () => {
    const visitor = world.visitor();
    const form = assertPage(await visitor.open(app.begin().url), 'Sign in');
    const cookie = visitor.browser.cookies
      .map(({ name, value }) => `${name}=${name.endsWith('.sig') ? `${value.slice(0, -3)}abc` : value}`)
      .join('; ');
    const response = await fetch(service.url + form.path, { headers: { cookie } });
    assert.equal(response.status, 404);
  });

  it('are renewed when somebody signs in: a session that was planted is not taken over', async () => {
    const visitor = world.visitor();
    await app.signIn(visitor);
    const planted = visitor.browser.cookies.find(({ name }) => name === 'latchkey_session')?.value;
    await app.signIn(visitor, { prompt: 'login' }, 'bea');
    const renewed = visitor.browser.cookies.find(({ name }) => name === 'latchkey_session')?.value;
    assert.ok(planted !== undefined && renewed !== undefined && planted !== renewed);
  });
});

describe('the cookies of a sign-in, over https', () => {
  it('are Secure, and have names that browsers take over https alone', async () => {
    const authority = createCertificateAuthority();
    const { cert, key } = authority.issue();
    const folder = temporaryDirectory();
    const [certFile, keyFile] = [join(folder.path, 'cert.pem'), join(folder.path, 'key.pem')];
    await writeFile(certFile, cert);
    await writeFile(keyFile, key, { mode: 0o600 });
    const service = await startTestService({ LATCHKEY_TLS_CERT: certFile, LATCHKEY_TLS_KEY: keyFile });
    const agent = new Agent({ connect: { ca: authority.cert } });
    try {
      const ask = (
        url: string,
        init: Parameters<typeof undiciFetch>[1] = {},
      ): ReturnType<typeof undiciFetch> =>
        undiciFetch(url, { ...init, dispatcher: agent, redirect: 'manual' });
      const token = await (
        await ask(`${service.url}/authn/acct/admin/authenticate`, { method: 'POST', body: service.adminKey })
      ).text();
      const vault = { 'x-vault-token': Buffer.from(token).toString('base64') };
      const client = `${service.url}/v1/identity/oidc/client/rp`;
      const settings = { redirect_uris: ['https://app.example/callback'], assignments: ['allow_all'] };
      await ask(client, { method: 'POST', headers: vault, body: JSON.stringify(settings) });
      const { data } = (await (await ask(client, { headers: vault })).json()) as {
        readonly data: { readonly client_id: string };
      };
      const query = new URLSearchParams({
        client_id: data.client_id,
        redirect_uri: 'https://app.example/callback',
        response_type: 'code',
        scope: 'openid',
      });
      const lines: string[] = [];
      const cookies = (): Record<string, string> => ({
        cookie: lines.map((line) => line.split(';', 1)[0] ?? '').join('; '),
      });
      const begun = await ask(`${service.url}${page}/authorize?${query.toString()}`);
      lines.push(...begun.headers.getSetCookie());
      const form = new URL(begun.headers.get('location') ?? '', service.url).href;
      const posted = await ask(form, {
        method: 'POST',
        headers: { ...cookies(), origin: service.url },
        body: new URLSearchParams({ login: 'admin', secret: service.adminKey }),
      });
      const resumed = await ask(new URL(posted.headers.get('location') ?? '', service.url).href, {
        headers: cookies(),
      });
      lines.push(...resumed.headers.getSetCookie().filter((line) => !/=;/.test(line)));
      assert.match(resumed.headers.get('location') ?? '', /^https:\/\/app\.example\/callback\?code=/);
      const names = new Set(lines.map((line) => line.split('=', 1)[0]?.replace(/\.sig$/, '')));
      assert.deepEqual([...names].sort(), [
        '__Secure-latchkey_resume',
        '__Secure-latchkey_session',
        '__Secure-latchkey_sign_in',
      ]);
      for (const line of lines) assert.match(line, /; secure(;|$)/i);
    } finally {
      await agent.close();
      await service.stop();
      await rm(folder.path, { recursive: true, force: true });
    }
  });
});
