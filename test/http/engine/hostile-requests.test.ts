/** Requests that anybody can send: what is kept for them is bounded, and none of them leads anywhere else. */
import assert from 'node:assert/strict';
import { begunKey } from '../../../src/domain/provider/sign-in/begun.ts';
import { CookieBrowser } from '../../support/cookie-browser.ts';
import { authorizePath, callback, codeFor, lastReason, type Form } from '../../support/engine-flow.ts';
import { engineAccount } from '../../support/engine-server.ts';
import { engineStage } from '../../support/engine-stage.ts';

describe('a hostile request at the pages of an issuer', () => {
  const unparsable = ['no address', 'http://127.0.0.1:99999/loop'];
  const stage = engineStage(async (server) => {
    await server.client('app', { redirectUris: [callback, 'http://127.0.0.1/loop', ...unparsable] });
  });
  const fresh = (): CookieBrowser => new CookieBrowser(stage.server.url);
  const post = (browser: CookieBrowser, path: string, form: string): Promise<Response> =>
    browser.request(path, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: form,
    });
  const authorizeByPost = (changes: Form): Promise<Response> => {
    const [path = '', query = ''] = authorizePath('one', 'app', changes).split('?');
    return post(fresh(), path, query);
  };
  const errorOf = async (response: Response): Promise<readonly unknown[]> => {
    const { error } = (await response.json()) as { readonly error?: unknown };
    return [response.status, error];
  };
  /** How long the session lives that an answer began, in seconds. */
  const sessionSeconds = (response: Response): number => {
    const cookie = response.headers.getSetCookie().find((line) => line.startsWith('latchkey_session='));
    const expires = /expires=([^;]+)/.exec(cookie ?? '')?.[1];
    return (Date.parse(expires ?? assert.fail('there is no session')) - Date.now()) / 1_000;
  };

  it('has nothing kept for it that is over 16 KiB, by POST either', async () => {
    assert.equal((await authorizeByPost({ state: 'x'.repeat(15 * 1_024) })).status, 303);
    assert.deepEqual(await errorOf(await authorizeByPost({ state: 'x'.repeat(17 * 1_024) })), [
      400,
      'invalid_request',
    ]);
    const long = `state=${'x'.repeat(17 * 1_024)}`;
    assert.deepEqual(await errorOf(await post(fresh(), '/pages/one/logout', long)), [400, 'invalid_request']);
    assert.deepEqual(await errorOf(await fresh().request(`/pages/one/logout?${long}`)), [
      400,
      'invalid_request',
    ]);
  });

  it('has a sign-out of nobody kept for as long as a sign-in, not for as long as a session', async () => {
    const asked = await fresh().request('/pages/one/logout');
    assert.equal(asked.status, 200);
    assert.ok(sessionSeconds(asked) <= 15 * 60);
    const browser = fresh();
    await codeFor(stage.server, 'app', { browser });
    assert.ok(sessionSeconds(await browser.request('/pages/one/logout')) > 7 * 3_600);
  });

  describe('of which there are too many from one address', () => {
    const key = begunKey('127.0.0.1');
    const begun = (amount: number): Promise<number> =>
      stage.server.services.ephemeral.count(engineAccount, key, 60_000, amount);
    const puts: string[] = [];

    before(() => {
      const { ephemeral } = stage.server.services;
      const put = ephemeral.put.bind(ephemeral);
      ephemeral.put = async (into, entries) => {
        puts.push(...entries.map((entry) => entry.key));
        await put(into, entries);
      };
    });
    after(async () => {
      await begun(-(await begun(0)));
    });

    it('begins 300 sign-ins in five minutes, and no more: then it gets a page, and nothing is kept for it', async () => {
      await begun(299 - (await begun(0)));
      const signedIn = fresh();
      await codeFor(stage.server, 'app', { browser: signedIn });
      assert.equal(await begun(0), 300, 'a sign-in counts once');
      for (const path of [authorizePath('one', 'app'), '/pages/one/logout']) {
        puts.length = 0;
        const answer = await fresh().request(path);
        assert.deepEqual(
          [answer.headers.get('location'), answer.headers.get('retry-after')],
          [null, '300'],
          path,
        );
        assert.deepEqual(await errorOf(answer), [429, 'temporarily_unavailable'], path);
        assert.deepEqual(puts, [], path);
        assert.match(lastReason(stage.server) ?? '', /Too many sign-ins/);
      }
      const again = await signedIn.request(authorizePath('one', 'app'));
      assert.match(again.headers.get('location') ?? '', /[?&]code=/, 'who is signed in, is');
    });

    it('counts nothing that leads nowhere, and keeps nothing of it', async () => {
      await begun(-(await begun(0)));
      puts.length = 0;
      for (const changes of [
        { client_id: 'nobody' },
        { redirect_uri: 'https://evil.example/' },
        { prompt: 'none' },
        { response_type: 'token' },
      ])
        await fresh().request(authorizePath('one', 'app', changes));
      assert.deepEqual([await begun(0), puts], [0, []]);
    });
  });

  it('is not answered by a form that no browser would send here', async () => {
    const answer = await fresh().request(authorizePath('one', 'app', { response_mode: 'form_post' }));
    assert.equal(answer.status, 303);
    const { origin, pathname, searchParams } = new URL(answer.headers.get('location') ?? '');
    assert.deepEqual(
      [origin + pathname, searchParams.get('error'), searchParams.get('state')],
      [callback, 'unsupported_response_mode', 'st'],
    );
  });

  it('leads to no address that is none, though one is registered', async () => {
    for (const redirectUri of unparsable) {
      for (const prompt of ['none', 'login']) {
        const answer = await fresh().request(
          authorizePath('one', 'app', { redirect_uri: redirectUri, prompt }),
        );
        assert.deepEqual(await errorOf(answer), [400, 'invalid_redirect_uri'], redirectUri);
      }
    }
  });

  it('leads to no address any more that was taken from the client while somebody signs in', async () => {
    await stage.server.client('moving');
    const begin = async (): Promise<{ readonly browser: CookieBrowser; readonly page: string }> => {
      const browser = fresh();
      const asked = await browser.request(authorizePath('one', 'moving'));
      return { browser, page: asked.headers.get('location') ?? '' };
    };
    const [before, after] = [await begin(), await begin()];
    const resumed = await after.browser.request(`${after.page}?as=alice`, { method: 'POST' });
    await stage.server.client('moving', { redirectUris: ['https://elsewhere.example/'] });
    const page = await before.browser.request(`${before.page}?as=alice`, { method: 'POST' });
    assert.deepEqual([page.status, page.headers.get('location')], [404, null]);
    const answer = await after.browser.request(resumed.headers.get('location') ?? '');
    assert.deepEqual(await errorOf(answer), [400, 'invalid_redirect_uri']);
    assert.equal(answer.headers.get('location'), null);
    assert.match(lastReason(stage.server) ?? '', /redirect_uri/);
  });
});
