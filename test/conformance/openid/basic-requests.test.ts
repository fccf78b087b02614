/** The modules of the OpenID Foundation's plan "Basic OP" about what a request may ask; docs/conformance.md has the list. */
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { UnsecuredJWT } from 'jose';
import { describeOnStores } from '../../support/on-stores.ts';
import { OpenIdWorld, type Application, type Parameters } from '../../support/openid-world.ts';
import { assertAway, assertPage, type Visitor } from '../../support/visitor.ts';

for (const dialect of ['Vault', 'Akeyless'] as const) {
  describeOnStores(`Basic OP, requests, at an issuer of ${dialect}’s dialect`, (on) => {
    let world: OpenIdWorld;
    let app: Application;
    before(async () => {
      world = await OpenIdWorld.of(on.service);
      app = await (dialect === 'Vault' ? world.vaultClient('rp') : world.akeylessApp('rp'));
    });

    /** A second authorization in the same browser: nobody is asked for anything, or it fails. */
    const again = async (visitor: Visitor, parameters: Parameters) => {
      const begun = app.begin(parameters);
      return app.redeem(begun, assertAway(await visitor.open(begun.url)));
    };

    for (const [module, parameters] of Object.entries({
      'oidcc-display-page': { display: 'page' },
      'oidcc-display-popup': { display: 'popup' },
      'oidcc-ensure-request-with-unknown-parameter-succeeds': { extra: 'foobar' },
      'oidcc-ui-locales': { ui_locales: 'se de-DE' },
      'oidcc-claims-locales': { claims_locales: 'se' },
      'oidcc-ensure-request-with-acr-values-succeeds': { acr_values: '1 2' },
    } satisfies Readonly<Record<string, Parameters>>)) {
      it(`${module}: ${Object.keys(parameters).join()} does not get into anybody's way`, async () => {
        const tokens = await app.signIn(world.visitor(), parameters);
        assert.equal(tokens.claims()?.iss, app.issuer);
      });
    }

    it('oidcc-login-hint: the form has the name of the hint, and anybody may sign in all the same', async () => {
      const visitor = world.visitor();
      const begun = app.begin({ login_hint: 'buffy@<i>example' });
      const form = assertPage(await visitor.open(begun.url), 'Sign in');
      assert.ok(form.html.includes('value="buffy@&lt;i&gt;example"'));
      const tokens = await app.redeem(begun, assertAway(await app.enter(visitor, form)));
      assert.ok(tokens.id_token !== undefined);
    });

    it('oidcc-prompt-login: asks somebody who is signed in once more, and the time of that counts', async () => {
      const visitor = world.visitor();
      const first = await app.signIn(visitor, { max_age: '15000' });
      await pause(1_000);
      const begun = app.begin({ prompt: 'login', max_age: '15000' });
      const form = assertPage(await visitor.open(begun.url), 'Sign in');
      const second = await app.redeem(begun, assertAway(await app.enter(visitor, form)));
      assert.equal(second.claims()?.sub, first.claims()?.sub);
      assert.ok((second.claims()?.auth_time ?? 0) > (first.claims()?.auth_time ?? 0));
    });

    it('oidcc-prompt-none-not-logged-in: goes back at once with an error that says that a page would be needed', async () => {
      const returned = assertAway(await world.visitor().open(app.begin({ prompt: 'none' }).url));
      const error = returned.searchParams.get('error') ?? '';
      assert.match(error, /^(login|interaction|consent|account_selection)_required$/);
    });

    it('oidcc-prompt-none-logged-in: asks nothing of somebody who is signed in, and says the same of him', async () => {
      const visitor = world.visitor();
      const first = await app.signIn(visitor, { max_age: '15000' });
      const second = await again(visitor, { prompt: 'none', max_age: '15000' });
      assert.equal(second.claims()?.sub, first.claims()?.sub);
      assert.equal(second.claims()?.auth_time, first.claims()?.auth_time);
    });

    it('oidcc-max-age-1: asks again after the age, and then tells the time of the new sign-in', async () => {
      const visitor = world.visitor();
      const first = await app.signIn(visitor, { max_age: '15000' });
      await pause(2_100);
      const begun = app.begin({ max_age: '1' });
      const form = assertPage(await visitor.open(begun.url), 'Sign in');
      const second = await app.redeem(begun, assertAway(await app.enter(visitor, form)), { maxAge: 1 });
      assert.ok((second.claims()?.auth_time ?? 0) > (first.claims()?.auth_time ?? 0));
    });

    it('oidcc-max-age-10000: asks nothing within the age, and tells the same time', async () => {
      const visitor = world.visitor();
      const first = await app.signIn(visitor, { max_age: '15000' });
      const second = await again(visitor, { max_age: '10000' });
      const { auth_time: time, sub } = first.claims() ?? {};
      assert.ok(time !== undefined);
      assert.deepEqual([second.claims()?.auth_time, second.claims()?.sub], [time, sub]);
    });

    it('oidcc-id-token-hint: asks nothing where the hint is whoever is signed in, and gives nobody else’s tokens', async () => {
      const visitor = world.visitor();
      const first = await app.signIn(visitor);
      const hint = { prompt: 'none', id_token_hint: first.id_token };
      const second = await again(visitor, hint);
      assert.equal(second.claims()?.sub, first.claims()?.sub);
      const other = world.visitor();
      await app.signIn(other, {}, 'bea');
      const refused = assertAway(await other.open(app.begin(hint).url));
      assert.equal(refused.searchParams.get('error'), 'login_required');
    });

    it('oidcc-ensure-post-request-succeeds: takes an authorization request by POST', async () => {
      const visitor = world.visitor();
      const begun = app.begin();
      const body = new URLSearchParams(begun.url.searchParams);
      const first = await visitor.open(begun.url.origin + begun.url.pathname, { method: 'POST', body });
      const tokens = await app.redeem(begun, assertAway(await app.enter(visitor, first)));
      assert.ok(tokens.id_token !== undefined);
    });

    const objectOf = (parameters: Parameters): string =>
      new UnsecuredJWT({ ...parameters }).setIssuer(app.clientId).setAudience(app.issuer).encode();

    it('oidcc-unsigned-request-object-…: says that request objects are not supported', async () => {
      assert.equal(app.metadata.request_parameter_supported, false);
      const request = objectOf({ scope: 'openid', nonce: 'of the object' });
      const returned = assertAway(await world.visitor().open(app.begin({ request }).url));
      assert.equal(returned.searchParams.get('error'), 'request_not_supported');
    });

    it('oidcc-request-uri-unsigned-…: says the same of one by its address, and does not go there', async () => {
      assert.equal(app.metadata.request_uri_parameter_supported, false);
      const requestUri = `${on.service.url}/none`;
      const returned = assertAway(await world.visitor().open(app.begin({ request_uri: requestUri }).url));
      assert.equal(returned.searchParams.get('error'), 'request_uri_not_supported');
    });

    it('oidcc-ensure-request-object-with-redirect-uri: goes nowhere that an object names', async () => {
      const request = objectOf({ redirect_uri: 'https://evil.example/' });
      const returned = assertAway(await world.visitor().open(app.begin({ request }).url));
      assert.equal(returned.origin, 'https://app.example');
      const bad = { request, redirect_uri: 'https://evil.example/' };
      assertPage(await world.visitor().open(app.begin(bad).url), 'You cannot sign in', 400);
    });
  });
}
