import assert from 'node:assert/strict';
import fc from 'fast-check';
import { redirectUriRegistered } from '../../../../src/domain/provider/engine/redirect-uri.ts';
import { assertProperty } from '../../../support/property.ts';

const loopbackHosts = ['localhost', '127.0.0.1', '[::1]'];
const path = fc.webPath().map((text) => (text === '' ? '/' : text));
const port = fc.integer({ min: 1, max: 65_535 });
const loopback = fc
  .tuple(fc.constantFrom('http', 'https'), fc.constantFrom(...loopbackHosts), path)
  .map(([scheme, host, rest]) => ({ origin: `${scheme}://${host}`, rest }));

describe('redirectUriRegistered', () => {
  it('takes every registered URI as it stands', () => {
    assertProperty(
      fc.property(fc.array(fc.string(), { minLength: 1 }), (registered) => {
        for (const uri of registered) assert.equal(redirectUriRegistered(uri, registered), true);
      }),
    );
  });

  it('takes nothing but the same text of hosts that are not loopback', () => {
    assertProperty(
      fc.property(
        fc.webUrl({ withQueryParameters: true }),
        fc.webUrl({ withQueryParameters: true }),
        (uri, other) => {
          assert.equal(redirectUriRegistered(uri, [other]), uri === other);
        },
      ),
    );
  });

  it('takes any port, or none, on either side of a loopback host', () => {
    const ports = fc.option(port, { nil: undefined });
    assertProperty(
      fc.property(loopback, ports, ports, ({ origin, rest }, asked, registered) => {
        const at = (number: number | undefined): string =>
          `${origin}${number === undefined ? '' : `:${String(number)}`}${rest}`;
        assert.equal(redirectUriRegistered(at(asked), [at(registered)]), true);
      }),
    );
  });

  it('leaves nothing but the port of a loopback host out of account', () => {
    assertProperty(
      fc.property(loopback, loopback, port, port, (one, other, onePort, otherPort) => {
        const same = one.origin === other.origin && one.rest === other.rest;
        const uri = `${one.origin}:${String(onePort)}${one.rest}`;
        const registered = `${other.origin}:${String(otherPort)}${other.rest}`;
        assert.equal(redirectUriRegistered(uri, [registered]), same);
      }),
    );
  });

  it('never takes a URI that a browser would open at another host than a registered one', () => {
    const text = fc.stringMatching(/^https?:\/\/[a-z0-9.:@[\]\\/?#%-]{0,24}$/u);
    const tricky = fc
      .tuple(
        fc.constantFrom('http://localhost', 'http://127.0.0.1', 'http://[::1]'),
        fc.string({ maxLength: 12 }),
      )
      .map(([origin, rest]) => origin + rest);
    assertProperty(
      fc.property(fc.oneof(text, tricky), (uri) => {
        if (!redirectUriRegistered(uri, ['http://localhost/cb', 'http://127.0.0.1/cb', 'http://[::1]:80/cb']))
          return;
        assert.ok(loopbackHosts.includes(new URL(uri).hostname), uri);
        assert.equal(new URL(uri).pathname, '/cb');
      }),
    );
  });

  for (const [uri, registered, taken] of [
    ['http://127.0.0.1:51004/callback', 'http://127.0.0.1/callback', true],
    ['http://127.0.0.1:51005/callback', 'http://127.0.0.1:8251/callback', true],
    ['http://localhost:51006/callback', 'http://localhost:8251/callback', true],
    ['http://[::1]:51007/callback', 'http://[::1]:8251/callback', true],
    ['https://localhost/callback?a=b#c', 'https://localhost:1/callback?a=b#c', true],
    ['https://app.example/callback', 'https://app.example/callback', true],
    ['https://app.example:8443/callback', 'https://app.example/callback', false],
    ['https://app.example/callback/', 'https://app.example/callback', false],
    ['https://APP.example/callback', 'https://app.example/callback', false],
    ['http://localhost:1/callback', 'http://127.0.0.1:1/callback', false],
    ['https://localhost:1/callback', 'http://localhost:1/callback', false],
    ['http://127.0.0.2:1/callback', 'http://127.0.0.2:2/callback', false],
    ['http://LOCALHOST:1/callback', 'http://LOCALHOST:2/callback', false],
    ['http://user@localhost:1/callback', 'http://user@localhost:2/callback', false],
    ['http://localhost:1\\@evil.example/', 'http://localhost\\@evil.example/', false],
    ['http://localhost.evil.example:1/', 'http://localhost:2/', false],
    ['myapp://localhost:1/callback', 'myapp://localhost:2/callback', false],
    ['', 'http://localhost/', false],
  ] as const) {
    it(`${taken ? 'takes' : 'refuses'} '${uri}' for '${registered}'`, () => {
      assert.equal(redirectUriRegistered(uri, [registered]), taken);
    });
  }
});
