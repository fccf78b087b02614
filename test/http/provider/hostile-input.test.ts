/** Whatever is sent to the pages: an answer that is a page or a redirect, never a failure of the service, never markup of the sender. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { OpenIdWorld, type Application } from '../../support/openid-world.ts';
import { startTestService, type TestService } from '../../support/service.ts';
import { assertPage, type Page, type Visitor } from '../../support/visitor.ts';
import { assertProperty } from '../../support/property.ts';

const nasty = [
  '"><script>alert(1)</script>',
  "'><img src=x onerror=alert(1)>",
  '</title><svg/onload=alert(1)>',
  'javascript:alert(1)',
  'data:text/html,<script>',
  'https://evil.example/?a=<b>',
  '//evil.example',
  '\r\nSet-Cookie: planted=1\r\n\r\n<html>',
  '%0d%0aSet-Cookie:%20planted=1',
  '../../../etc/passwd',
  '\0',
  '\ud800',
  '\u202e',
  '__proto__',
  'constructor',
  '{"a":1}',
  '1e309',
  '-1',
  'x'.repeat(5_000),
  '☃'.repeat(2_000),
  'none',
  'login none',
  'openid openid',
  '',
];
const text = fc.oneof(
  fc.constantFrom(...nasty),
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.tuple(fc.string(), fc.constantFrom(...nasty), fc.string()).map((parts) => parts.join('')),
);
/** Some of these parameters, each with a text, or several. */
const parametersOf = (...names: readonly string[]): fc.Arbitrary<readonly (readonly [string, string])[]> =>
  fc.array(fc.tuple(fc.oneof(fc.constantFrom(...names), text), text), { maxLength: 6 });

/** Sooner than a sign-in that was begun ends by itself. */
const openForMs = 5 * 60 * 1_000;

interface Stage {
  readonly service: TestService;
  readonly world: OpenIdWorld;
  readonly app: Application;
}

async function openStage(): Promise<Stage> {
  // What is sent here is wrong far more often than anyone may be.
  const service = await startTestService({ LATCHKEY_MAX_FAILURES: '0' });
  const world = await OpenIdWorld.of(service);
  return { service, world, app: await world.vaultClient('rp') };
}

describe('hostile input to the pages', function () {
  this.timeout(60_000);
  let service: TestService;
  let world: OpenIdWorld;
  let app: Application;
  let visitor: Visitor;
  let form: Page;
  let openedAtMs = 0;
  let hasBegunTooMany = false;

  const open = async (): Promise<void> => {
    visitor = world.visitor();
    form = assertPage(await visitor.open(app.begin().url), 'Sign in');
    openedAtMs = Date.now();
  };
  const renew = async (): Promise<void> => {
    await service.stop();
    ({ service, world, app } = await openStage());
    hasBegunTooMany = false;
    await open();
  };
  /** Goes on with another service where this one takes no more sign-ins, so that a property is never about refusals alone. */
  const renewing = fc.beforeEach(async () => {
    if (hasBegunTooMany) await renew();
    else if (Date.now() - openedAtMs > openForMs) await open();
  });
  const runs = { numRuns: 60, seed: 20_261_121, plugins: [renewing] };

  before(async () => {
    ({ service, world, app } = await openStage());
  });
  after(() => service.stop());
  beforeEach(async () => {
    if (hasBegunTooMany) await renew();
    else await open();
  });

  const harmless = async (path: string, init: RequestInit = {}): Promise<void> => {
    const response = await visitor.browser.request(path, init);
    const html = await response.text();
    hasBegunTooMany ||= response.status === 429;
    assert.ok(response.status < 500, `${String(response.status)} ${path}`);
    assert.ok(!response.headers.getSetCookie().some((line) => line.startsWith('planted')));
    assert.doesNotMatch(html, /<(script|img|svg|iframe|b>)/i);
    assert.doesNotMatch(html, /href="(javascript|data):/i);
    const location = response.headers.get('location');
    if (location !== null) {
      const { origin } = new URL(location, service.url);
      assert.ok([service.url, 'https://app.example'].includes(origin), location);
    }
  };
  const queryOf = (parameters: readonly (readonly [string, string])[]): string =>
    new URLSearchParams(parameters.map(([name, value]): [string, string] => [name, value])).toString();
  const post = (
    path: string,
    body: string | Buffer,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<void> =>
    harmless(path, {
      method: 'POST',
      headers: { origin: service.url, 'content-type': 'application/x-www-form-urlencoded', ...headers },
      body,
    });

  it('in the fields of the forms', async () => {
    const fields = parametersOf('login', 'secret', 'decision', 'logout', 'xsrf');
    await assertProperty(
      fc.asyncProperty(fields, (parameters) => post(form.path, queryOf(parameters))),
      runs,
    );
    await assertProperty(
      fc.asyncProperty(parametersOf('logout', 'xsrf'), (parameters) =>
        post('/ui/vault/identity/oidc/provider/default/logout/confirm', queryOf(parameters)),
      ),
      { ...runs, numRuns: 20 },
    );
  });

  it('in bodies that are no forms', async () => {
    const bodies = fc.uint8Array({ maxLength: 300 });
    const types = fc.constantFrom(
      'application/json',
      'multipart/form-data; boundary=x',
      'text/plain',
      'x',
      '',
    );
    await assertProperty(
      fc.asyncProperty(bodies, types, (body, type) =>
        post(form.path, Buffer.from(body), { 'content-type': type }),
      ),
      { ...runs, numRuns: 30 },
    );
  });

  it('in addresses', async () => {
    const segment = text.map((value) =>
      encodeURIComponent(value.replace(/\p{Surrogate}/gu, '')).slice(0, 6_000),
    );
    const raw = fc.constantFrom(
      '%',
      '%zz',
      '%00',
      '%c0%af',
      '..%2f..',
      '%2e%2e',
      ';a=b',
      '\\',
      '//',
      '?',
      '%f0%9f',
    );
    await assertProperty(
      fc.asyncProperty(fc.oneof(segment, raw), async (part) => {
        await harmless(`/sign-in/${part}`);
        await harmless(`/sign-in/${part}/x`);
        await harmless(`/sign-in/vault.x/${part}`);
        await harmless(`${form.path}/with/${part}`);
        await harmless(`${form.path}/${part}`);
      }),
      { ...runs, numRuns: 30 },
    );
  });

  it('in what comes back from an issuer', async () => {
    const parameters = parametersOf('state', 'code', 'error', 'error_description', 'iss');
    await assertProperty(
      fc.asyncProperty(parameters, async (given) => {
        await harmless(`/sign-in/callback?${queryOf(given)}`);
        await harmless(`${form.path}/back?${queryOf(given)}`);
      }),
      runs,
    );
  });

  it('in authorization requests, by GET and by POST', async () => {
    const names = [
      'login_hint', 'ui_locales', 'state', 'nonce', 'scope', 'prompt', 'max_age', 'display', 'response_mode',
      'response_type', 'id_token_hint', 'acr_values', 'claims', 'code_challenge', 'code_challenge_method', 'request',
      'request_uri', 'registration', 'resource', 'web_message_uri',
    ]; // prettier-ignore
    await assertProperty(
      fc.asyncProperty(parametersOf(...names, 'client_id', 'redirect_uri'), async (given) => {
        const { origin, pathname, searchParams } = app.begin().url;
        const request = new URLSearchParams(searchParams);
        for (const [name, value] of given) request.set(name, value);
        await harmless(`${origin}${pathname}?${request.toString()}`);
        await post(pathname, request.toString());
        const repeated = `${searchParams.toString()}&${queryOf(given)}`;
        await harmless(`${origin}${pathname}?${repeated}`);
      }),
      runs,
    );
  });

  it('in hints that the form shows', async () => {
    await assertProperty(
      fc.asyncProperty(text, async (hint) => {
        const fresh = world.visitor();
        const shown = await fresh.open(app.begin({ login_hint: hint }).url);
        if (shown.kind === 'away') return;
        hasBegunTooMany ||= shown.status === 429;
        assert.ok(shown.status < 500);
        assert.doesNotMatch(shown.html, /<(script|img|svg|iframe)/i);
        assert.equal(shown.html.match(/<input/g)?.length ?? 0, shown.title === 'Sign in' ? 2 : 0);
      }),
      { ...runs, numRuns: 40 },
    );
  });

  it('in logout requests', async () => {
    const names = [
      'id_token_hint',
      'post_logout_redirect_uri',
      'state',
      'client_id',
      'ui_locales',
      'logout_hint',
    ];
    await assertProperty(
      fc.asyncProperty(parametersOf(...names), async (given) => {
        const path = '/ui/vault/identity/oidc/provider/default/logout';
        await harmless(`${path}?${queryOf(given)}`);
        await post(path, queryOf(given));
        await harmless(`${path}/success?${queryOf(given)}`);
      }),
      runs,
    );
  });

  it('in hints that were never signed', async () => {
    const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const odd = fc.oneof(
      text,
      fc.integer(),
      fc.constant(null),
      fc.object({ maxDepth: 1 }),
      fc.array(text, { maxLength: 2 }),
    );
    const claims = fc.record({ aud: odd, iss: odd, sub: odd, exp: odd, iat: odd }, { requiredKeys: [] });
    await assertProperty(
      fc.asyncProperty(claims, fc.constantFrom('none', 'RS256', 'HS256', 'x'), async (payload, alg) => {
        const hint = `${part({ alg })}.${part(payload)}.${alg === 'none' ? '' : 'c2lnbmF0dXJl'}`;
        const request = app.begin({ id_token_hint: hint }).url;
        await harmless(request.href);
        const query = new URLSearchParams({
          id_token_hint: hint,
          post_logout_redirect_uri: 'https://evil.example/',
        });
        await harmless(`/ui/vault/identity/oidc/provider/default/logout?${query.toString()}`);
      }),
      runs,
    );
  });

  it('in cookies and other headers', async () => {
    const header = fc.string({ unit: 'grapheme-ascii', maxLength: 300 });
    const names = fc.constantFrom(
      'cookie',
      'origin',
      'sec-fetch-site',
      'accept',
      'accept-language',
      'x-forwarded-host',
      'x-forwarded-proto',
      'forwarded',
      'referer',
    );
    const cookie = header.map(
      (value) => `latchkey_sign_in=${value}; latchkey_sign_in.sig=${value}; latchkey_session=${value}`,
    );
    await assertProperty(
      fc.asyncProperty(names, fc.oneof(header, cookie), async (name, value) => {
        const headers = { [name]: value.trim() };
        for (const path of [form.path, `${form.path}/back?state=x`, app.begin().url.href]) {
          const response = await fetch(new URL(path, service.url), { headers, redirect: 'manual' });
          hasBegunTooMany ||= response.status === 429;
          assert.ok(response.status < 500, `${String(response.status)} ${path}`);
          const location = response.headers.get('location');
          if (location !== null) assert.equal(new URL(location, service.url).origin, service.url);
        }
      }),
      runs,
    );
  });
});
