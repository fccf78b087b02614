/** How many sign-ins anybody can begin, and what is shown then. */
import assert from 'node:assert/strict';
import { load } from '../../support/client.ts';
import { startIssuer, type Issuer } from '../../support/issuer.ts';
import { codeServicePolicy, configureCodeService } from '../../support/oidc-code.ts';
import { describeOnStores } from '../../support/on-stores.ts';
import { OpenIdWorld, type Application } from '../../support/openid-world.ts';
import { assertAway, assertPage } from '../../support/visitor.ts';

describeOnStores('sign-ins that are begun from one address', (on) => {
  let world: OpenIdWorld;
  let app: Application;
  let issuer: Issuer;

  before(async () => {
    world = await OpenIdWorld.of(on.service);
    app = await world.vaultClient('rp');
    await load(world.admin, codeServicePolicy('okta'));
    issuer = await startIssuer();
    const changes = { 'redirect-uri': `${on.service.url}/sign-in/callback` };
    await configureCodeService(world.admin, 'okta', issuer, changes);
    await world.admin.send('PATCH', `/authn-oidc/okta/${on.service.account}`, 'enabled=true');
  });
  after(() => issuer.stop());

  it('are 300 in five minutes; then it is shown a page, and who is signed in stays it', async () => {
    const signedIn = world.visitor();
    await app.signIn(signedIn);
    const waiting = world.visitor();
    const form = assertPage(await waiting.open(app.begin().url), 'Sign in');
    const elsewhere = `${form.path}/with/okta`;
    assertAway(await waiting.open(elsewhere));
    // Two sign-ins, and one of them at an issuer: three of 300.
    for (let begun = 3; begun < 300; begun += 27) {
      const statuses = await Promise.all(
        Array.from({ length: 27 }, async () => (await fetch(app.begin().url, { redirect: 'manual' })).status),
      );
      assert.deepEqual([...new Set(statuses)], [303]);
    }
    const page = assertPage(await world.visitor().open(app.begin().url), 'You cannot sign in', 429);
    assert.match(page.html, /temporarily_unavailable: Too many sign-ins were begun/);
    assert.equal(page.headers.get('retry-after'), '300');
    const away = assertPage(await waiting.open(elsewhere), 'This page cannot be shown', 429);
    assert.equal(away.headers.get('retry-after'), '300');
    const credential = { login: 'ada', secret: world.apiKeyOf('ada') };
    assert.ok(assertAway(await waiting.submit(form, credential)).searchParams.has('code'), 'what was begun');
    const { searchParams } = assertAway(await signedIn.open(app.begin({ prompt: 'none' }).url));
    assert.ok(searchParams.has('code'));
    assert.match((await on.service.auditLines()).join('\n'), /not signed in .*Too many sign-ins were begun/);
  });
});
