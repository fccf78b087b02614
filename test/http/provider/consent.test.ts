/** The page on which somebody agrees to what an application wants. */
import assert from 'node:assert/strict';
import { describeOnStores } from '../../support/on-stores.ts';
import { OpenIdWorld, type Application, type Begun, type Parameters } from '../../support/openid-world.ts';
import { assertAway, assertPage, type Page, type Visitor } from '../../support/visitor.ts';

describeOnStores('the consent page', (on) => {
  let world: OpenIdWorld;
  let app: Application;
  let trusted: Application;
  before(async () => {
    world = await OpenIdWorld.of(on.service);
    app = await world.akeylessApp('Wiki <b>');
    trusted = await world.vaultClient('trusted');
  });

  interface Asked {
    readonly begun: Begun;
    readonly page: Page;
  }
  const ask = async (visitor: Visitor, parameters: Parameters = {}): Promise<Asked> => {
    const begun = app.begin(parameters);
    const first = await visitor.open(begun.url);
    const credential = { login: 'ada', secret: world.apiKeyOf('ada') };
    const isForm = first.kind === 'page' && first.title === 'Sign in';
    const stop = isForm ? await visitor.submit(first, credential) : first;
    return { begun, page: assertPage(stop, 'Allow access?') };
  };
  const silent = async (visitor: Visitor, parameters: Parameters = {}): Promise<string> => {
    const { searchParams } = assertAway(await visitor.open(app.begin({ prompt: 'none', ...parameters }).url));
    return searchParams.get('error') ?? 'code';
  };

  it('says who is signed in, which application asks, what for, and where it leads', async () => {
    const { page } = await ask(world.visitor(), { scope: 'openid login offline_access', prompt: 'consent' });
    const text = page.html.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');
    assert.match(text, /You are signed in as ada/);
    assert.match(text, /Wiki &lt;b&gt; asks for: who you are login access while you are away/);
    assert.match(text, /You go on to app\.example/);
    assert.match(
      page.headers.get('content-security-policy') ?? '',
      /form-action 'self' https:\/\/app\.example;/,
    );
  });

  it('gives the application nothing when it is denied, and records why', async () => {
    const visitor = world.visitor();
    const { begun, page } = await ask(visitor);
    const { length } = await on.service.auditLines();
    const { searchParams } = assertAway(await visitor.submit(page, { decision: 'deny' }));
    assert.deepEqual(
      [searchParams.get('error'), searchParams.get('state'), searchParams.get('code')],
      ['access_denied', begun.checks.expectedState, null],
    );
    const records = (await on.service.auditLines()).slice(length);
    assert.equal(records.length, 1);
    assert.match(records[0] ?? '', /acct:user:ada was not signed in to client '.*the user did not agree$/);
    assert.equal(await silent(visitor), 'consent_required');
  });

  it('takes an answer that is neither for a denial', async () => {
    for (const decision of ['', 'ALLOW', 'yes']) {
      const visitor = world.visitor();
      const { page } = await ask(visitor);
      assert.equal(
        assertAway(await visitor.submit(page, { decision })).searchParams.get('error'),
        'access_denied',
      );
    }
  });

  it('is answered once for a session; another browser is asked again', async () => {
    const visitor = world.visitor();
    const { begun, page } = await ask(visitor);
    const tokens = await app.redeem(begun, assertAway(await visitor.submit(page, { decision: 'allow' })));
    assert.ok(tokens.id_token !== undefined);
    assert.equal(await silent(visitor), 'code');
    await ask(world.visitor());
  });

  it('is shown again for more than was agreed to, and for less it is not', async () => {
    const visitor = world.visitor();
    const first = await ask(visitor, { scope: 'openid' });
    assertAway(await visitor.submit(first.page, { decision: 'allow' }));
    assert.equal(await silent(visitor, { scope: 'openid login' }), 'consent_required');
    const more = await ask(visitor, { scope: 'openid login' });
    assertAway(await visitor.submit(more.page, { decision: 'allow' }));
    assert.equal(await silent(visitor, { scope: 'openid login' }), 'code');
    assert.equal(await silent(visitor, { scope: 'openid' }), 'code');
  });

  it('is shown whenever the application wants it, whatever was agreed to', async () => {
    const visitor = world.visitor();
    for (let round = 0; round < 2; round += 1) {
      const { page } = await ask(visitor, { prompt: 'consent' });
      assertAway(await visitor.submit(page, { decision: 'allow' }));
    }
  });

  it('is shown by a dialect that trusts its clients only where they want it', async () => {
    const visitor = world.visitor();
    await trusted.signIn(visitor);
    assertAway(await visitor.open(trusted.begin().url));
    const page = assertPage(await visitor.open(trusted.begin({ prompt: 'consent' }).url), 'Allow access?');
    assert.ok(assertAway(await visitor.submit(page, { decision: 'allow' })).searchParams.has('code'));
  });

  it('takes no credentials: whoever is signed in stays so', async () => {
    const visitor = world.visitor();
    const { page } = await ask(visitor);
    const path = page.path;
    const body = new URLSearchParams({ login: 'bea', secret: world.apiKeyOf('bea') });
    const stop = await visitor.open(path, { method: 'POST', headers: { origin: on.service.url }, body });
    assert.match(assertPage(stop, 'Allow access?').html, /<strong>ada<\/strong>/);
  });

  it('cannot be answered before somebody has signed in', async () => {
    const visitor = world.visitor();
    const form = assertPage(await visitor.open(app.begin().url), 'Sign in');
    const body = new URLSearchParams({ decision: 'allow' });
    const headers = { origin: on.service.url };
    const stop = await visitor.open(`${form.path}/consent`, { method: 'POST', headers, body });
    assert.equal(assertAway(stop).searchParams.get('error'), 'access_denied');
  });
});
