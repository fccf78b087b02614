import assert from 'node:assert/strict';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { assertAccessible, startBrowser } from '../../support/browser.ts';
import { load, signIn, type Session } from '../../support/client.ts';
import { startRelyingParty, type RelyingParty } from '../../support/relying-party.ts';
import { startTestService, type TestService } from '../../support/service.ts';

const password = 'Correct Horse Battery 1!';

interface Stage {
  readonly service: TestService;
  readonly admin: Session;
  readonly party: RelyingParty;
  readonly browser: Browser;
}

/** The administrator's requests to Vault's dialect. */
async function vault(admin: Session, path: string, body: object): Promise<unknown> {
  const answer = await fetch(`${admin.service.url}/v1/${path}`, {
    method: 'POST',
    headers: { 'x-vault-token': Buffer.from(admin.token).toString('base64') },
    body: JSON.stringify(body),
  });
  assert.ok(answer.ok, `${path}: ${String(answer.status)}`);
  return answer.status === 204 ? undefined : answer.json();
}

async function readVault(admin: Session, path: string): Promise<Readonly<Record<string, string>>> {
  const answer = await fetch(`${admin.service.url}/v1/${path}`, {
    headers: { 'x-vault-token': Buffer.from(admin.token).toString('base64') },
  });
  return ((await answer.json()) as { readonly data: Readonly<Record<string, string>> }).data;
}

describe('the sign-in pages, in a browser', function () {
  this.timeout(60_000);
  let stage: Stage;
  let context: BrowserContext;
  let page: Page;
  let issuer: string;

  before(async () => {
    const service = await startTestService({ LATCHKEY_PASSWORD_ALICE: password });
    const admin = await signIn(service);
    const party = await startRelyingParty();
    stage = { service, admin, party, browser: await startBrowser() };
    await load(
      admin,
      '- !user alice\n- !user bob\n- !group staff\n- !grant { role: !group staff, member: !user alice }\n',
    );
    await vault(admin, 'identity/oidc/client/Wiki', {
      redirect_uris: [party.redirectUri],
      assignments: ['allow_all'],
      post_logout_redirect_uris: [party.postLogoutRedirectUri],
    });
    const { client_id: clientId = '', client_secret: secret } = await readVault(
      admin,
      'identity/oidc/client/Wiki',
    );
    issuer = `${service.url}/v1/identity/oidc/provider/default`;
    await party.discover(issuer, clientId, secret);
  });
  after(async () => {
    await stage.browser.close();
    await stage.party.close();
    await stage.service.stop();
  });
  beforeEach(async () => {
    stage.party.extra = {};
    stage.party.tokens = undefined;
    context = await stage.browser.newContext();
    page = await context.newPage();
  });
  afterEach(async () => {
    await context.close();
  });

  async function enter(login: string, secret: string): Promise<void> {
    await page.getByLabel('User name').fill(login);
    await page.getByLabel('Password or API key').fill(secret);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  }

  /** The application's page: the browser goes there by itself once it has sent the form. */
  async function arrived(title: string): Promise<void> {
    await page.waitForURL((url) => url.origin === stage.party.url);
    assert.equal(await page.title(), title);
  }

  it('sign somebody in by password, and the application learns who it is', async () => {
    await page.goto(stage.party.url);
    assert.equal(await page.title(), 'Sign in – Latchkey');
    assert.match((await page.textContent('main')) ?? '', /to continue to\s+Wiki/);
    await enter('alice', password);
    await arrived('signed in');
    const claims = stage.party.tokens?.claims();
    assert.equal(claims?.iss, issuer);
    assert.match(claims.sub, /^[0-9a-f-]{36}$/);
  });

  it('remember the sign-in for the next time', async () => {
    await page.goto(stage.party.url);
    await enter('alice', password);
    await arrived('signed in');
    await page.goto(stage.party.url);
    await arrived('signed in');
  });

  it('work without any script, and ask for none', async () => {
    await context.close();
    context = await stage.browser.newContext({ javaScriptEnabled: false });
    page = await context.newPage();
    const answer = await page.goto(stage.party.url);
    const policy = (await answer?.headerValue('content-security-policy')) ?? '';
    assert.match(policy, /default-src 'none'/);
    assert.doesNotMatch(policy, /script-src|unsafe-inline/);
    assert.equal(await answer?.headerValue('cache-control'), 'no-store');
    await enter('alice', password);
    await arrived('signed in');
  });

  it('say the same of a wrong password and of nobody, and keep the name', async () => {
    const texts: (string | null)[] = [];
    for (const login of ['alice', 'nobody']) {
      await page.goto(stage.party.url);
      await enter(login, 'wrong');
      texts.push(await page.getByRole('alert').textContent());
      assert.equal(await page.getByLabel('User name').inputValue(), login);
      assert.equal(await page.getByLabel('Password or API key').inputValue(), '');
    }
    assert.equal(texts[0], texts[1]);
    await enter('alice', password);
    await arrived('signed in');
  });

  it('let somebody give up', async () => {
    await page.goto(stage.party.url);
    await page.getByRole('button', { name: 'Cancel' }).click();
    await arrived('failed');
    assert.equal(await page.textContent('#shown'), 'access_denied');
  });

  it('show a page, and go nowhere, when the client or its address is unknown', async () => {
    stage.party.extra = { redirect_uri: 'https://evil.example/callback' };
    await page.goto(stage.party.url);
    assert.equal(await page.title(), 'You cannot sign in – Latchkey');
    assert.equal(new URL(page.url()).origin, stage.service.url);
    await assertAccessible(page);
  });

  it('ask again for a password when the application wants it', async () => {
    await page.goto(stage.party.url);
    await enter('alice', password);
    await arrived('signed in');
    stage.party.extra = { prompt: 'login' };
    await page.goto(stage.party.url);
    assert.equal(await page.title(), 'Sign in – Latchkey');
    await enter('alice', password);
    await arrived('signed in');
  });

  it('sign out, after asking', async () => {
    await page.goto(stage.party.url);
    await enter('alice', password);
    await arrived('signed in');
    const configuration = (await (
      await fetch(`${issuer}/.well-known/openid-configuration`)
    ).json()) as Readonly<Record<string, string>>;
    const end = new URL(configuration['end_session_endpoint'] ?? '');
    end.searchParams.set('id_token_hint', stage.party.tokens?.id_token ?? '');
    end.searchParams.set('post_logout_redirect_uri', stage.party.postLogoutRedirectUri);
    await page.goto(end.href);
    await assertAccessible(page);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await arrived('/bye');
    await page.goto(stage.party.url);
    assert.equal(await page.title(), 'Sign in – Latchkey');
  });

  it('refuse a form that another site sends', async () => {
    await page.goto(stage.party.url);
    const action = page.url();
    await page.goto(`${stage.party.url}/elsewhere`);
    await page.setContent(
      `<form method="post" action="${action}"><input name="login" value="alice"><input name="secret" value="${password}"><button>x</button></form>`,
    );
    await page.getByRole('button').click();
    assert.notEqual(await page.title(), 'signed in');
    assert.equal(stage.party.tokens, undefined);
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`are accessible, ${colorScheme}`, async () => {
      await page.emulateMedia({ colorScheme });
      await page.goto(stage.party.url);
      await assertAccessible(page);
      await enter('alice', 'wrong');
      await assertAccessible(page);
    });
  }

  it('can be used with the keyboard alone', async () => {
    await page.goto(stage.party.url);
    await page.locator('#login:focus').waitFor();
    await page.keyboard.type('alice');
    await page.keyboard.press('Tab');
    await page.locator('#secret:focus').waitFor();
    await page.keyboard.type(password);
    await page.keyboard.press('Enter');
    await page.waitForURL(/callback/);
    await arrived('signed in');
  });
});
