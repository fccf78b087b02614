/** The forms of the sign-in pages: who gets in, who is held up, and what is not a form of theirs. */
import assert from 'node:assert/strict';
import { load } from '../../support/client.ts';
import { describeOnStores } from '../../support/on-stores.ts';
import { OpenIdWorld, type Application } from '../../support/openid-world.ts';
import { assertAway, assertPage, type Page, type Visitor } from '../../support/visitor.ts';

const policy = `
- !user { id: fenced, restricted_to: 198.51.100.0/24 }
- !host { id: gate, restricted_to: [ 127.0.0.1 ] }
- !user busy
- !user tried
`;

describeOnStores('the forms of a sign-in', (on) => {
  let world: OpenIdWorld;
  let app: Application;
  let keys: Readonly<Record<string, string>>;
  before(async () => {
    world = await OpenIdWorld.of(on.service);
    app = await world.vaultClient('rp');
    const { created_roles: created } = await load(world.admin, policy);
    keys = Object.fromEntries(
      Object.values(created).map(({ id, api_key: key }) => [id.split(':').slice(1).join('/'), key]),
    );
  });

  const begin = async (): Promise<{ readonly visitor: Visitor; readonly form: Page }> => {
    const visitor = world.visitor();
    return { visitor, form: assertPage(await visitor.open(app.begin().url), 'Sign in') };
  };
  const lastRecord = async (): Promise<string> => (await on.service.auditLines()).at(-1) ?? '';

  it('let a host in as host/…', async () => {
    const tokens = await app.signIn(world.visitor(), {}, 'host/robot');
    assert.notEqual(tokens.claims()?.sub, undefined);
  });

  it('let nobody in from an address that the role is restricted from, without a word of it', async () => {
    const { visitor, form } = await begin();
    const login = 'fenced';
    const right = assertPage(
      await visitor.submit(form, { login, secret: keys['user/fenced'] ?? '' }),
      'Error: Sign in',
      403,
    );
    assert.match(await lastRecord(), /acct:user:fenced failed to login .*CONJ00003E/);
    const wrong = assertPage(await visitor.submit(form, { login, secret: 'wrong' }), 'Error: Sign in', 403);
    assert.equal(right.html, wrong.html);
    const gate = await visitor.submit(form, { login: 'host/gate', secret: keys['host/gate'] ?? '' });
    assert.ok(assertAway(gate).searchParams.has('code'));
  });

  it('count a right password from a wrong address among the failures', async () => {
    const { visitor, form } = await begin();
    const attempt = { login: 'fenced', secret: keys['user/fenced'] ?? '' };
    for (let count = 0; count < 8; count += 1) await visitor.submit(form, attempt);
    assertPage(await visitor.submit(form, attempt), 'Error: Sign in', 429);
  });

  it('answer 429 after ten failures of a name, the right password included, and say when to come back', async () => {
    const { visitor, form } = await begin();
    const wrong = { login: 'busy', secret: 'wrong' };
    for (let count = 0; count < 10; count += 1)
      assertPage(await visitor.submit(form, wrong), 'Error: Sign in', 403);
    for (const secret of ['wrong', keys['user/busy'] ?? '']) {
      const page = assertPage(await visitor.submit(form, { login: 'busy', secret }), 'Error: Sign in', 429);
      const seconds = Number(page.headers.get('retry-after'));
      assert.ok(seconds > 0 && seconds <= 300);
      assert.match(page.html, /role="alert">Too many attempts/);
      assert.match(await lastRecord(), /acct:user:busy failed to login/);
    }
    // Others are not held up by it.
    const other = await visitor.submit(form, { login: 'tried', secret: keys['user/tried'] ?? '' });
    assert.ok(assertAway(other).searchParams.has('code'));
  });

  it('keep the name that was typed, never the password', async () => {
    const { visitor, form } = await begin();
    const page = assertPage(
      await visitor.submit(form, { login: ' a"b ', secret: 'hunter2 <' }),
      'Error: Sign in',
      403,
    );
    assert.match(page.html, /value="a&quot;b"/);
    assert.doesNotMatch(page.html, /hunter2/);
    assert.match(page.html, /aria-invalid="true" aria-describedby="failure"/);
  });

  it('are not there for another browser, nor once they are done', async () => {
    const { visitor, form } = await begin();
    assertPage(await world.visitor().open(form.path), 'This page cannot be shown', 404);
    assertAway(await visitor.submit(form, { login: 'ada', secret: world.apiKeyOf('ada') }));
    assertPage(await visitor.open(form.path), 'This page cannot be shown', 404);
    const again = await visitor.submit(form, { login: 'ada', secret: world.apiKeyOf('ada') });
    assertPage(again, 'This page cannot be shown', 404);
    assert.match(await lastRecord(), /unknown was not signed in/);
  });

  for (const [what, headers] of [
    ['another origin', { origin: 'https://evil.example' }],
    ['no origin at all', { origin: 'null' }],
    ['another site', { 'sec-fetch-site': 'cross-site' }],
    ['a sibling of the site', { 'sec-fetch-site': 'same-site' }],
  ] as const) {
    it(`are refused and recorded when they come from ${what}, also with all cookies`, async () => {
      const { visitor, form } = await begin();
      for (const path of [form.path, `${form.path}/cancel`, `${form.path}/consent`]) {
        const body = new URLSearchParams({ login: 'ada', secret: world.apiKeyOf('ada'), decision: 'allow' });
        assertPage(
          await visitor.open(path, { method: 'POST', headers, body }),
          'This page cannot be shown',
          403,
        );
        assert.match(
          await lastRecord(),
          /was not signed in to client '.+' of .*: The form was not sent from this page/,
        );
      }
      assertPage(await visitor.open(form.path), 'Sign in');
    });
  }

  it('answer other methods with a page and 405, unknown addresses with 404, too much with 413', async () => {
    const { visitor, form } = await begin();
    const title = 'This page cannot be shown';
    for (const [path, method, allow] of [
      [form.path, 'DELETE', 'GET, HEAD, POST'],
      [form.path, 'PUT', 'GET, HEAD, POST'],
      [`${form.path}/consent`, 'GET', 'POST'],
      ['/sign-in/callback', 'POST', 'GET, HEAD'],
      ['/sign-in/style.css', 'POST', 'GET, HEAD'],
    ] as const) {
      const page = assertPage(await visitor.open(path, { method }), title, 405);
      assert.equal(page.headers.get('allow'), allow);
    }
    for (const path of [
      '/sign-in',
      '/sign-in/',
      '/sign-in/x',
      `${form.path}/`,
      `${form.path}/other`,
      '/sign-in/style.CSS',
    ]) {
      assertPage(await visitor.open(path), title, 404);
    }
    const headers = { origin: on.service.url };
    const body = `login=${'a'.repeat(16 * 1_024)}`;
    assertPage(await visitor.open(form.path, { method: 'POST', headers, body }), title, 413);
  });

  it('answer HEAD as GET, without a body', async () => {
    const { visitor, form } = await begin();
    for (const path of [form.path, '/sign-in/style.css']) {
      const [head, get] = [
        await visitor.browser.request(path, { method: 'HEAD' }),
        await visitor.browser.request(path),
      ];
      assert.deepEqual([head.status, await head.text()], [200, '']);
      for (const name of ['content-type', 'content-security-policy', 'cache-control']) {
        assert.equal(head.headers.get(name), get.headers.get(name), name);
      }
    }
  });

  it('have the same guards in their headers on every page, failures included', async () => {
    const { visitor, form } = await begin();
    const pages = [
      form,
      assertPage(await visitor.submit(form, { login: 'ada', secret: 'wrong' }), 'Error: Sign in', 403),
      assertPage(await visitor.open('/sign-in/nothing'), 'This page cannot be shown', 404),
      assertPage(await visitor.open('/sign-in/callback'), 'This page cannot be shown', 400),
      assertPage(
        await visitor.open(app.begin({ redirect_uri: 'https://evil.example/' }).url),
        'You cannot sign in',
        400,
      ),
      assertPage(
        await visitor.open('/ui/vault/identity/oidc/provider/nobody/authorize'),
        'You cannot sign in',
        404,
      ),
      assertPage(await visitor.open(app.metadata.end_session_endpoint ?? ''), 'Sign out'),
      assertPage(
        await visitor.open(`${app.metadata.end_session_endpoint ?? ''}/success`),
        'You are signed out',
      ),
    ];
    for (const { headers, path } of pages) {
      const policy = headers.get('content-security-policy') ?? '';
      assert.match(
        policy,
        /^default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'( https:\/\/app\.example)?; base-uri 'none'; frame-ancestors 'none'$/,
        path,
      );
      for (const [name, value] of [
        ['content-type', 'text/html; charset=utf-8'],
        ['cache-control', 'no-store'],
        ['x-content-type-options', 'nosniff'],
        ['x-frame-options', 'DENY'],
        ['referrer-policy', 'no-referrer'],
      ] as const) {
        assert.equal(headers.get(name), value, `${path}: ${name}`);
      }
    }
  });
});
