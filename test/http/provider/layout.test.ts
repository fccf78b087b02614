/** The pages as people have them before them: small screens, large text, few colours, other ways to read. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { assertAccessible, startBrowser } from '../../support/browser.ts';
import { load } from '../../support/client.ts';
import { startIssuer, type Issuer } from '../../support/issuer.ts';
import { clientId, clientSecret, codeServicePolicy, configureCodeService } from '../../support/oidc-code.ts';
import { OpenIdWorld, type Application } from '../../support/openid-world.ts';
import { startRelyingParty, type RelyingParty } from '../../support/relying-party.ts';
import { startTestService, type TestService } from '../../support/service.ts';

const longName = `Wiki-${'of-the-whole-company-'.repeat(8)}`;

describe('the sign-in pages, as they look', function () {
  this.timeout(60_000);
  let service: TestService;
  let world: OpenIdWorld;
  let party: RelyingParty;
  let app: Application;
  let issuer: Issuer;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;

  before(async () => {
    service = await startTestService();
    world = await OpenIdWorld.of(service);
    party = await startRelyingParty();
    app = await world.akeylessApp(longName, { 'redirect-uris': party.redirectUri });
    await party.discover(app.issuer, app.clientId, app.secret);
    await load(
      world.admin,
      `${codeServicePolicy('okta')}- !grant { role: !group conjur/authn-oidc/okta/users, member: !user ada }`,
    );
    issuer = await startIssuer({ accounts: { alice: { preferred_username: 'ada' } } });
    const callback = `${service.url}/sign-in/callback`;
    const changes = { 'redirect-uri': callback, name: 'The identity provider of the whole company' };
    await configureCodeService(world.admin, 'okta', issuer, changes);
    issuer.register(clientId, clientSecret, { redirect_uris: [callback] });
    await world.admin.send('PATCH', `/authn-oidc/okta/${service.account}`, 'enabled=true');
    browser = await startBrowser();
  });
  after(async () => {
    await browser.close();
    await issuer.stop();
    await party.close();
    await service.stop();
  });
  beforeEach(async () => {
    party.extra = {};
    party.tokens = undefined;
    context = await browser.newContext();
    page = await context.newPage();
  });
  afterEach(() => context.close());

  const enter = async (secret = world.apiKeyOf('ada')): Promise<void> => {
    await page.getByLabel('User name').fill('ada');
    await page.getByLabel('Password or API key').fill(secret);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  };
  /** Calls back at each page that there is, once the browser shows it. */
  const onEachPage = async (look: (name: string) => Promise<void>): Promise<void> => {
    await page.goto(party.url);
    await look('sign in');
    await enter('wrong');
    await look('sign in, failed');
    await enter();
    await page.getByRole('button', { name: 'Allow' }).waitFor();
    await look('consent');
    await page.getByRole('button', { name: 'Allow' }).click();
    await page.waitForURL(/callback/);
    assert.equal(await page.title(), 'signed in');
    await page.goto(
      `${app.metadata.end_session_endpoint ?? ''}?id_token_hint=${party.tokens?.id_token ?? ''}`,
    );
    await look('sign out');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.waitForURL(/success/);
    await look('signed out');
    party.extra = { redirect_uri: `https://evil.example/${'long-'.repeat(60)}` };
    await page.goto(party.url);
    await look('problem');
    await page.goto(`${service.url}/sign-in/unknown`);
    await look('unknown');
  };
  /** How many pixels of the page are beyond its right edge. */
  const overflow = async (): Promise<number> =>
    page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth');

  it('need no scrolling to the side at a width of 320 pixels', async () => {
    await page.setViewportSize({ width: 320, height: 480 });
    await onEachPage(async (name) => {
      assert.equal(await overflow(), 0, name);
    });
  });

  it('need none either with text twice as large', async () => {
    await page.setViewportSize({ width: 640, height: 480 });
    await onEachPage(async (name) => {
      await page.evaluate(`document.documentElement.style.fontSize = '200%'`);
      assert.equal(await overflow(), 0, name);
      const size = await page.evaluate<string>(`getComputedStyle(document.querySelector('h1')).fontSize`);
      assert.equal(size, '48px', name);
    });
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`are accessible, every one, ${colorScheme}`, async () => {
      await page.emulateMedia({ colorScheme });
      await onEachPage(() => assertAccessible(page));
    });
  }

  it('show edges and focus where colours are the reader’s own', async () => {
    await page.emulateMedia({ forcedColors: 'active' });
    await onEachPage(async (name) => {
      const faint = await page.evaluate<readonly string[]>(
        `[...document.querySelectorAll('input:not([type=hidden]), button, a.button')]
          .filter((element) => {
            const { borderTopColor, borderTopStyle, borderTopWidth, backgroundColor } = getComputedStyle(element);
            return borderTopStyle !== 'solid' || borderTopWidth === '0px' || borderTopColor === backgroundColor;
          })
          .map((element) => element.outerHTML)`,
      );
      assert.deepEqual(faint, [], name);
    });
  });

  it('have one heading of the first rank, a language, and a title that says what went wrong', async () => {
    const titles: string[] = [];
    await onEachPage(async () => {
      titles.push((await page.title()).replace(' – Latchkey', ''));
      assert.equal(await page.getByRole('heading', { level: 1 }).count(), 1);
      assert.equal(await page.getAttribute('html', 'lang'), 'en');
      assert.equal(await page.getByRole('main').count(), 1);
    });
    assert.deepEqual(titles, [
      'Sign in',
      'Error: Sign in',
      'Allow access?',
      'Sign out',
      'You are signed out',
      'You cannot sign in',
      'This page cannot be shown',
    ]);
  });

  it('tell a screen reader of a failure with the field that has the focus', async () => {
    await page.goto(party.url);
    await enter('wrong');
    const focused = page.locator(':focus');
    assert.equal(await focused.getAttribute('id'), 'secret');
    assert.equal(await focused.getAttribute('aria-describedby'), 'failure');
    assert.equal(await page.locator('#failure').getAttribute('role'), 'alert');
    assert.equal(await page.locator('#failure').textContent(), 'User name and password do not match.');
  });

  it('lead to the issuer of an authn-oidc service and back, without any script', async () => {
    await context.close();
    context = await browser.newContext({ javaScriptEnabled: false });
    page = await context.newPage();
    const trusted = await world.vaultClient('trusted', { redirect_uris: [party.redirectUri] });
    await party.discover(trusted.issuer, trusted.clientId, trusted.secret);
    await page.goto(party.url);
    await page.getByRole('link', { name: 'Sign in with The identity provider of the whole company' }).click();
    assert.equal(await page.title(), 'signed in');
    assert.match(party.tokens?.claims()?.sub ?? '', /./);
    await party.discover(app.issuer, app.clientId, app.secret);
  });

  it('lead on to applications that send the browser further, to another host', async () => {
    const detour = createServer((request, response) => {
      response
        .writeHead(302, { location: `${party.url}/arrived${new URL(request.url ?? '', party.url).search}` })
        .end();
    });
    detour.listen(0, '127.0.0.1');
    await once(detour, 'listening');
    const away = `http://localhost:${String((detour.address() as AddressInfo).port)}`;
    try {
      const client = { redirect_uris: [`${away}/callback`], post_logout_redirect_uris: [`${away}/bye`] };
      const far = await world.vaultClient('far', client);
      await party.discover(far.issuer, far.clientId, far.secret);
      party.extra = { redirect_uri: `${away}/callback` };
      await page.goto(party.url);
      await enter();
      await page.waitForURL(/arrived\?code=/);
      const query = new URLSearchParams({
        client_id: far.clientId,
        post_logout_redirect_uri: `${away}/bye`,
        state: 'x',
      });
      await page.goto(`${far.metadata.end_session_endpoint ?? ''}?${query.toString()}`);
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.waitForURL(/arrived\?state=x/);
    } finally {
      detour.close();
      await party.discover(app.issuer, app.clientId, app.secret);
    }
  });

  it('leave a pop-up the window that opened it', async () => {
    await page.goto(`${party.url}/opener`);
    const opened = context.waitForEvent('page');
    await page.evaluate(`void window.open('${party.url}/')`);
    page = await opened;
    await enter();
    await page.getByRole('button', { name: 'Allow' }).click();
    await page.waitForURL(/callback/);
    assert.equal(await page.evaluate('window.opener?.location.pathname'), '/opener');
  });

  it('go back to the application when access is denied', async () => {
    await page.goto(party.url);
    await enter();
    await page.getByRole('button', { name: 'Deny' }).click();
    await page.waitForURL(/callback/);
    assert.equal(await page.textContent('#shown'), 'access_denied');
  });
});
