/** The modules of the OpenID Foundation's plans "RP-Initiated Logout OP" and "Back-Channel OP"; docs/conformance.md has the list. */
import assert from 'node:assert/strict';
import { createLocalJWKSet, decodeJwt, jwtVerify, SignJWT, UnsecuredJWT, type JSONWebKeySet } from 'jose';
import { startLogoutReceiver, type LogoutReceiver } from '../../support/logout-receiver.ts';
import { describeOnStores } from '../../support/on-stores.ts';
import {
  afterLogout,
  given,
  OpenIdWorld,
  type Application,
  type Parameters,
} from '../../support/openid-world.ts';
import { assertAway, assertPage, type Page, type Stop, type Visitor } from '../../support/visitor.ts';

describeOnStores('RP-Initiated Logout OP', (on) => {
  let world: OpenIdWorld;
  let app: Application;
  let receiver: LogoutReceiver;
  before(async () => {
    receiver = await startLogoutReceiver();
    world = await OpenIdWorld.of(on.service);
    app = await world.vaultClient('rp');
  });
  after(() => receiver.close());

  interface SignedIn {
    readonly visitor: Visitor;
    readonly idToken: string;
  }
  const signedIn = async (at = app): Promise<SignedIn> => {
    const visitor = world.visitor();
    return { visitor, idToken: (await at.signIn(visitor)).id_token ?? '' };
  };
  const end = async ({ visitor }: SignedIn, parameters: Parameters): Promise<Stop> => {
    const url = new URL(app.metadata.end_session_endpoint ?? '');
    url.search = new URLSearchParams(given(parameters)).toString();
    return visitor.open(url);
  };
  const agree = async ({ visitor }: SignedIn, question: Stop): Promise<Stop> =>
    visitor.submit(assertPage(question, 'Sign out'), { logout: 'yes' });
  const isSignedIn = async ({ visitor }: SignedIn): Promise<boolean> => {
    const { searchParams } = assertAway(await visitor.open(app.begin({ prompt: 'none' }).url));
    assert.ok(searchParams.has('code') || searchParams.get('error') === 'login_required');
    return searchParams.has('code');
  };
  /** A page that asks or refuses; whoever agrees is not sent on. */
  const assertStays = async (who: SignedIn, stop: Stop): Promise<void> => {
    if (stop.kind === 'away') assert.fail(stop.url.href);
    if (stop.title === 'Sign out') assertPage(await agree(who, stop), 'You are signed out');
    else assertPage(stop, 'You cannot sign out', 400);
  };

  it('oidcc-rp-initiated-logout: signs out after asking, and sends the browser on with the state', async () => {
    const who = await signedIn();
    const question = await end(who, {
      id_token_hint: who.idToken,
      post_logout_redirect_uri: afterLogout,
      state: 'st',
    });
    assert.equal(await isSignedIn(who), true);
    const url = assertAway(await agree(who, question));
    assert.equal(url.href, `${afterLogout}?state=st`);
    assert.equal(await isSignedIn(who), false);
  });

  it('oidcc-rp-initiated-logout-no-state: sends the browser on with nothing added', async () => {
    const who = await signedIn();
    const question = await end(who, { id_token_hint: who.idToken, post_logout_redirect_uri: afterLogout });
    assert.equal(assertAway(await agree(who, question)).href, afterLogout);
    assert.equal(await isSignedIn(who), false);
  });

  it('keeps whoever does not want to sign out signed in', async () => {
    const who = await signedIn();
    const question = assertPage(await end(who, { id_token_hint: who.idToken }), 'Sign out');
    assertPage(await who.visitor.submit(question, {}), 'You are still signed in');
    assert.equal(await isSignedIn(who), true);
  });

  it('refuses an answer to the question that is not of this browser’s page', async () => {
    const who = await signedIn();
    const question: Page = assertPage(await end(who, {}), 'Sign out');
    const forged = question.forms.map(({ action, hidden }) => ({
      action,
      hidden: { ...hidden, xsrf: 'guessed' },
    }));
    const stop = await who.visitor.submit({ ...question, forms: forged }, { logout: 'yes' });
    assertPage(stop, 'You cannot sign out', 400);
    assert.equal(await isSignedIn(who), true);
  });

  for (const [module, parameters] of Object.entries({
    'oidcc-rp-initiated-logout-no-params': {},
    'oidcc-rp-initiated-logout-only-state': { state: 'st' },
  } satisfies Readonly<Record<string, Parameters>>)) {
    it(`${module}: signs out, and says so`, async () => {
      const who = await signedIn();
      assertPage(await agree(who, await end(who, parameters)), 'You are signed out');
      assert.equal(await isSignedIn(who), false);
    });
  }

  it('oidcc-rp-initiated-logout-no-post-logout-redirect-uri: signs out, and says so', async () => {
    const who = await signedIn();
    const question = await end(who, { id_token_hint: who.idToken, state: 'st' });
    assertPage(await agree(who, question), 'You are signed out');
    assert.equal(await isSignedIn(who), false);
  });

  for (const [module, uri] of [
    ['oidcc-rp-initiated-logout-bad-post-logout-redirect-uri', 'https://app.example/elsewhere'],
    ['oidcc-rp-initiated-logout-query-added-to-post-logout-redirect-uri', `${afterLogout}?foo=bar`],
  ] as const) {
    it(`${module}: never goes there`, async () => {
      const who = await signedIn();
      await assertStays(who, await end(who, { id_token_hint: who.idToken, post_logout_redirect_uri: uri }));
    });
  }

  it('oidcc-rp-initiated-logout-no-id-token-hint: goes nowhere where it does not know for whom', async () => {
    const who = await signedIn();
    await assertStays(who, await end(who, { post_logout_redirect_uri: afterLogout }));
  });

  it('oidcc-rp-initiated-logout-modified-id-token-hint: takes no hint whose signature was taken off', async () => {
    const who = await signedIn();
    const unsigned = new UnsecuredJWT(decodeJwt(who.idToken)).encode();
    await assertStays(
      who,
      await end(who, { id_token_hint: unsigned, post_logout_redirect_uri: afterLogout }),
    );
  });

  it('oidcc-rp-initiated-logout-bad-id-token-hint: takes no hint that somebody else signed', async () => {
    const who = await signedIn();
    const foreign = await new SignJWT(decodeJwt(who.idToken))
      .setProtectedHeader({ alg: 'HS256' })
      .sign(Buffer.from(app.secret.padEnd(32, 'x')));
    await assertStays(who, await end(who, { id_token_hint: foreign, post_logout_redirect_uri: afterLogout }));
  });

  it('takes a hint whose audience is a list, as those of Akeyless’ dialect are, of its own client alone', async () => {
    const listed = await world.akeylessApp('listed');
    const visitor = world.visitor();
    const tokens = await listed.signIn(visitor);
    assert.ok(Array.isArray(tokens.claims()?.aud));
    const asking = async (parameters: Parameters): Promise<Stop> => {
      const query = new URLSearchParams(given({ id_token_hint: tokens.id_token, ...parameters }));
      return visitor.open(`${listed.metadata.end_session_endpoint ?? ''}?${query.toString()}`);
    };
    assertPage(await asking({ client_id: app.clientId }), 'You cannot sign out', 400);
    assertPage(await asking({ id_token_hint: `${tokens.id_token ?? ''}x` }), 'You cannot sign out', 400);
    const question = assertPage(await asking({ client_id: listed.clientId }), 'Sign out');
    assertPage(await visitor.submit(question, { logout: 'yes' }), 'You are signed out');
    assertPage(await visitor.open(listed.begin().url), 'Sign in');
  });

  it('oidcc-backchannel-rp-initiated-logout: tells the client by a token of its own, then sends the browser on', async () => {
    const told = await world.vaultClient('told', { backchannel_logout_uri: receiver.uri });
    const who = await signedIn(told);
    const { sid, sub } = decodeJwt(who.idToken);
    assert.ok(typeof sid === 'string');
    const before = receiver.received.length;
    const question = await end(who, {
      id_token_hint: who.idToken,
      post_logout_redirect_uri: afterLogout,
      state: 'st',
    });
    assert.equal(assertAway(await agree(who, question)).href, `${afterLogout}?state=st`);
    assert.equal(receiver.received.length, before + 1);
    const [[name, token] = ['', ''], ...others] = [...(receiver.received.at(-1) ?? [])];
    assert.deepEqual([name, others], ['logout_token', []]);
    const keys = (await (await fetch(told.metadata.jwks_uri ?? '')).json()) as JSONWebKeySet;
    const { payload, protectedHeader } = await jwtVerify(token, createLocalJWKSet(keys), {
      issuer: told.issuer,
      audience: told.clientId,
      requiredClaims: ['iat', 'exp', 'jti'],
    });
    assert.equal(protectedHeader.typ, 'logout+jwt');
    assert.deepEqual([payload['sid'], payload.sub, payload['nonce']], [sid, sub, undefined]);
    assert.deepEqual(payload['events'], { 'http://schemas.openid.net/event/backchannel-logout': {} });
    assert.equal(await isSignedIn(who), false);
  });
});
