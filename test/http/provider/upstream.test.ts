/** Signing in at the issuer of an authn-oidc service, on the way to an application. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { load, setSecret } from '../../support/client.ts';
import { startIssuer, type Issuer } from '../../support/issuer.ts';
import { clientId, clientSecret, codeServicePolicy, configureCodeService } from '../../support/oidc-code.ts';
import { describeOnStores } from '../../support/on-stores.ts';
import { OpenIdWorld, type Application, type Begun } from '../../support/openid-world.ts';
import { comeBack } from '../../support/sign-in.ts';
import { assertAway, assertPage, type Page, type Stop, type Visitor } from '../../support/visitor.ts';

const services = ['okta', 'second', 'tarpit', 'elsewhere', 'off'] as const;
const policy = `
${services.map(codeServicePolicy).join('')}
- !grant { role: !group conjur/authn-oidc/okta/users, member: !user ada }
- !grant { role: !group conjur/authn-oidc/second/users, member: !user ada }
`;
const accounts = Object.fromEntries(
  ['ada', 'bea', 'stranger'].map((name) => [name, { username: name, preferred_username: name }]),
);

describeOnStores('signing in through an authn-oidc service', (on) => {
  let world: OpenIdWorld;
  let app: Application;
  let issuer: Issuer;
  let callback: string;
  let connections = 0;
  const tarpit = createServer(() => void (connections += 1));

  before(async () => {
    world = await OpenIdWorld.of(on.service);
    await load(world.admin, policy);
    app = await world.vaultClient('rp');
    issuer = await startIssuer({ accounts });
    tarpit.listen(0, '127.0.0.1');
    await once(tarpit, 'listening');
    callback = `${on.service.url}/sign-in/callback`;
    const hanging = `http://127.0.0.1:${String((tarpit.address() as AddressInfo).port)}`;
    for (const [service, changes] of [
      ['okta', { name: 'Okta <b>' }],
      ['second', {}],
      ['tarpit', { 'provider-uri': hanging }],
      ['elsewhere', { 'redirect-uri': 'https://other.example/callback' }],
      ['off', {}],
    ] as const) {
      await configureCodeService(world.admin, service, issuer, { 'redirect-uri': callback, ...changes });
      if (service !== 'off') await enable(service, true);
    }
    issuer.register(clientId, clientSecret, { redirect_uris: [callback] });
  });
  after(async () => {
    tarpit.close();
    await issuer.stop();
  });

  const enable = async (service: string, enabled: boolean): Promise<void> => {
    const path = `/authn-oidc/${service}/${on.service.account}`;
    assert.equal((await world.admin.send('PATCH', path, `enabled=${String(enabled)}`)).status, 204);
  };

  interface Underway {
    readonly visitor: Visitor;
    readonly begun: Begun;
    readonly form: Page;
  }
  const begin = async (): Promise<Underway> => {
    const visitor = world.visitor();
    const begun = app.begin();
    return { visitor, begun, form: assertPage(await visitor.open(begun.url), 'Sign in') };
  };
  const leave = async ({ visitor, form }: Underway, service = 'okta'): Promise<URL> =>
    assertAway(await visitor.open(`${form.path}/with/${service}`));
  /** What the issuer sends back, without anybody having gone there with it. */
  const returned = async (underway: Underway, account = 'ada', service = 'okta'): Promise<URL> =>
    comeBack(await leave(underway, service), account);

  const assertDenied = ({ begun }: Underway, stop: Stop): void => {
    const { searchParams, origin } = assertAway(stop);
    assert.equal(origin, 'https://app.example');
    assert.equal(searchParams.get('error'), 'access_denied');
    assert.equal(searchParams.get('state'), begun.checks.expectedState);
  };
  /** The audit records that an act leaves, from their message on. */
  const recorded = async (act: () => Promise<unknown>): Promise<readonly string[]> => {
    const { length } = await on.service.auditLines();
    await act();
    return (await on.service.auditLines())
      .slice(length)
      .map((line) => line.replace(/^.* operation="\w+"\] /, ''));
  };
  const assertRecorded = (records: readonly string[], ...patterns: readonly RegExp[]): void => {
    assert.equal(records.length, patterns.length, records.join('\n'));
    for (const [index, pattern] of patterns.entries()) assert.match(records[index] ?? '', pattern);
  };

  it('offers those that are enabled and send the browser back here, by their names', async () => {
    const { form } = await begin();
    const offered = [...form.html.matchAll(/href="([^"]*)\/with\/([^"]*)"[^>]*>([^<]*)</g)];
    assert.deepEqual(
      offered.map(([, , service, text]) => [service, text]),
      [
        ['okta', 'Sign in with Okta &lt;b&gt;'],
        ['second', 'Sign in with Second'],
        ['tarpit', 'Sign in with Tarpit'],
      ],
    );
  });

  it('shows the form without asking any issuer', async () => {
    await begin();
    assert.equal(connections, 0);
  });

  it('asks the issuer for a code with state, nonce and PKCE, none of which are used twice', async () => {
    const underway = await begin();
    const urls = [await leave(underway), await leave(underway)];
    for (const name of ['state', 'nonce', 'code_challenge']) {
      const values = urls.map(({ searchParams }) => searchParams.get(name) ?? '');
      assert.ok(values.every((value) => value.length >= 32) && values[0] !== values[1], name);
    }
    const [{ searchParams, origin } = new URL('about:blank')] = urls;
    assert.equal(origin, issuer.url);
    assert.deepEqual(
      [searchParams.get('redirect_uri'), searchParams.get('code_challenge_method')],
      [callback, 'S256'],
    );
  });

  it('signs in whom the issuer signed in, and records both', async () => {
    const underway = await begin();
    const back = await returned(underway);
    let stop: Stop | undefined;
    const records = await recorded(async () => {
      stop = await underway.visitor.open(back);
    });
    assertRecorded(
      records,
      /^acct:user:ada successfully authenticated with authenticator authn-oidc service acct:webservice:conjur\/authn-oidc\/okta/,
      /^acct:user:ada was signed in to client '/,
    );
    const tokens = await app.redeem(underway.begun, assertAway(stop ?? assert.fail()));
    assert.equal((await app.userinfo(tokens)).sub, tokens.claims()?.sub);
    const byPassword = await app.signIn(world.visitor());
    assert.equal(tokens.claims()?.sub, byPassword.claims()?.sub);
  });

  it('begins a session: the next application asks nothing', async () => {
    const underway = await begin();
    await underway.visitor.open(await returned(underway));
    const { searchParams } = assertAway(await underway.visitor.open(app.begin({ prompt: 'none' }).url));
    assert.ok(searchParams.has('code'));
  });

  it('refuses a state that was never made, and records it', async () => {
    const { visitor } = await begin();
    for (const query of ['code=x&state=made-up', 'code=x', '', `code=x&state=${'s'.repeat(4_000)}`]) {
      const records = await recorded(async () => {
        assertPage(await visitor.open(`${callback}?${query}`), 'This page cannot be shown', 400);
      });
      assertRecorded(records, /^unknown was not signed in to client '' .*state/);
    }
  });

  it('refuses the state of another sign-in of the same browser, and records it', async () => {
    const visitor = world.visitor();
    const [first, second] = [app.begin(), app.begin()];
    const one = { visitor, begun: first, form: assertPage(await visitor.open(first.url), 'Sign in') };
    const back = await returned(one);
    const other = { visitor, begun: second, form: assertPage(await visitor.open(second.url), 'Sign in') };
    const records = await recorded(async () => {
      const stop = await visitor.open(`${other.form.path}/back${back.search}`);
      assertPage(stop, 'This page cannot be shown', 400);
    });
    assertRecorded(
      records,
      /^unknown was not signed in to client '.+' .*the state is that of another sign-in/,
    );
  });

  it('refuses another browser, which does not use up the state of the first', async () => {
    const underway = await begin();
    const back = await returned(underway);
    const records = await recorded(async () => {
      assertPage(await world.visitor().open(back), 'This page cannot be shown', 404);
      assertPage(await (await begin()).visitor.open(back), 'This page cannot be shown', 404);
    });
    assertRecorded(records, /^unknown was not signed in/, /^unknown was not signed in/);
    assert.ok(assertAway(await underway.visitor.open(back)).searchParams.has('code'));
  });

  it('takes what came back once', async () => {
    const underway = await begin();
    const back = await returned(underway);
    assertAway(await underway.visitor.open(back));
    assertPage(await underway.visitor.open(back), 'This page cannot be shown', 400);
  });

  it('refuses a code that was used with another state, and records why', async () => {
    const used = await returned(await begin());
    const first = await begin();
    await first.visitor.open(await returned(first));
    const underway = await begin();
    const fresh = await returned(underway);
    // The code of a sign-in that has its own challenge and nonce.
    fresh.searchParams.set('code', used.searchParams.get('code') ?? '');
    const records = await recorded(async () => {
      assertDenied(underway, await underway.visitor.open(fresh));
    });
    assertRecorded(
      records,
      /failed to authenticate with authenticator authn-oidc/,
      /was not signed in to client/,
    );
  });

  it('tells the application when the issuer says no', async () => {
    const underway = await begin();
    const state = (await leave(underway)).searchParams.get('state') ?? '';
    const query = new URLSearchParams({ error: 'access_denied', error_description: '<script>', state });
    const records = await recorded(async () => {
      assertDenied(underway, await underway.visitor.open(`${callback}?${query.toString()}`));
    });
    assertRecorded(
      records,
      /^unknown was not signed in to client '.+' .*the issuer did not sign the user in/,
    );
  });

  for (const [account, why] of [
    ['bea', 'may not authenticate there'],
    ['stranger', 'is nobody here'],
  ] as const) {
    it(`refuses somebody who ${why}, and records it`, async () => {
      const underway = await begin();
      const back = await returned(underway, account);
      const records = await recorded(async () => {
        assertDenied(underway, await underway.visitor.open(back));
      });
      assertRecorded(
        records,
        /failed to authenticate with authenticator authn-oidc/,
        /^unknown was not signed in to client '.+' .*the authenticator refused the user/,
      );
    });
  }

  it('refuses a service that was disabled meanwhile, and does not offer it any more', async () => {
    const underway = await begin();
    const back = await returned(underway, 'ada', 'second');
    await enable('second', false);
    try {
      assertDenied(underway, await underway.visitor.open(back));
      const next = await begin();
      assert.ok(!next.form.html.includes('/with/second'));
      const stop = await next.visitor.open(`${next.form.path}/with/second`);
      assertPage(stop, 'This page cannot be shown', 404);
    } finally {
      await enable('second', true);
    }
  });

  it('knows no other service', async () => {
    const { visitor, form } = await begin();
    for (const service of ['off', 'elsewhere', 'nothing', 'okta%2Fstatus', '..%2Fokta', '%00']) {
      const stop = await visitor.open(`${form.path}/with/${service}`);
      if (stop.kind === 'away') assert.fail(service);
      assert.ok(stop.status === 404 || stop.status === 400, `${service}: ${String(stop.status)}`);
    }
  });

  it('shows the form with a message while the issuer is down, on the way there and on the way back', async () => {
    const underway = await begin();
    const back = await returned(underway);
    await setSecret(world.admin, 'conjur/authn-oidc/second/provider-uri', 'http://127.0.0.1:9');
    await issuer.stop();
    try {
      const there = assertPage(
        await underway.visitor.open(`${underway.form.path}/with/second`),
        'Error: Sign in',
        503,
      );
      assert.match(there.html, /role="alert">One cannot sign in there at the moment/);
      const shown = assertPage(await underway.visitor.open(back), 'Error: Sign in', 503);
      const byPassword = await underway.visitor.submit(shown, {
        login: 'ada',
        secret: world.apiKeyOf('ada'),
      });
      assert.ok(assertAway(byPassword).searchParams.has('code'));
    } finally {
      await issuer.restart();
      await setSecret(world.admin, 'conjur/authn-oidc/second/provider-uri', issuer.url);
    }
    const again = await begin();
    assert.ok(assertAway(await again.visitor.open(await returned(again))).searchParams.has('code'));
  });
});
