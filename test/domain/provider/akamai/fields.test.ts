import assert from 'node:assert/strict';
import { isFailure } from '../../../../src/domain/errors.ts';
import {
  readClient,
  readLoginPolicy,
  readTokenPolicy,
} from '../../../../src/domain/provider/akamai/fields.ts';
import { redirectUriFault } from '../../../../src/domain/provider/akamai/redirect-uri.ts';

function refused(act: () => unknown, message: RegExp): void {
  assert.throws(act, (error) => isFailure(error, 'REGISTRY_FIELD_INVALID') && message.test(error.message));
}

describe('readTokenPolicy', () => {
  it('fills in what is left out: an hour, 90 days, and the scopes of people', () => {
    assert.deepEqual(readTokenPolicy({ title: 'Phones' }), {
      title: 'Phones',
      accessTokenLifetime: 3_600,
      refreshTokenLifetime: 7_776_000,
      allowedScopes: ['openid', 'profile', 'email', 'address', 'phone'],
      useAccessJWT: false,
    });
  });

  it('takes lifetimes within their limits, as numbers and as texts', () => {
    for (const [field, min, max] of [
      ['accessTokenLifetime', 60, 3_600],
      ['refreshTokenLifetime', 60, 31_557_600],
    ] as const) {
      for (const value of [min, max, String(max)]) {
        assert.equal(readTokenPolicy({ title: 'x', [field]: value })[field], Number(value));
      }
      for (const value of [min - 1, max + 1, 61.5, '1e3', '', null, true, [], -60, Number.NaN]) {
        refused(
          () => readTokenPolicy({ title: 'x', [field]: value }),
          new RegExp(`^${field}: must be a whole`),
        );
      }
    }
  });

  it('stores API scopes in one spelling and once, beside those of people', () => {
    const { allowedScopes } = readTokenPolicy({
      title: 'x',
      allowedScopes: ['*:config/\\**', '*:config/**', '+:config/clients', 'openid', 'offline_access'],
    });
    assert.deepEqual(allowedScopes, ['*:config/**', '+:config/clients', 'openid', 'offline_access']);
  });

  it('refuses scopes that are none, the misspelt behavior *. among them', () => {
    for (const scope of [
      '*.:config/tokenPolicies',
      'x:config',
      '*:other',
      'groups',
      '',
      '*:config/clients/1',
      7,
    ]) {
      refused(() => readTokenPolicy({ title: 'x', allowedScopes: ['openid', scope] }), /^allowedScopes\.1: /);
    }
    refused(() => readTokenPolicy({ title: 'x', allowedScopes: '*:config/**' }), /^allowedScopes: /);
    refused(
      () => readTokenPolicy({ title: 'x', allowedScopes: Array(51).fill('openid') }),
      /^allowedScopes: /,
    );
  });

  it('wants a title that can be shown', () => {
    refused(() => readTokenPolicy({}), /^title: is missing$/);
    for (const title of ['', ' x', 'a\nb', 'x'.repeat(201), 7]) {
      refused(() => readTokenPolicy({ title }), /^title: /);
    }
  });

  it('refuses members that it does not know, and takes those that answers have', () => {
    refused(
      () => readTokenPolicy({ title: 'x', allowedScope: [] }),
      /^body: has a member that is not known$/,
    );
    assert.equal(readTokenPolicy({ title: 'x', id: '1', _links: {} }).title, 'x');
  });
});

describe('readClient', () => {
  const good = { name: 'App', type: 'public', tokenPolicy: 't', loginPolicy: 'l' };

  it('takes the members of a client, a redirect URI once', () => {
    const redirectURIs = ['https://a.example/cb', 'https://a.example/cb', 'com.example.app:/back'];
    assert.deepEqual(readClient({ ...good, redirectURIs }), {
      ...good,
      redirectURIs: ['https://a.example/cb', 'com.example.app:/back'],
    });
    assert.deepEqual(readClient({ ...good, loginPolicy: null }).loginPolicy, undefined);
  });

  it('refuses what is missing or of another form', () => {
    refused(() => readClient({ ...good, name: undefined }), /^name: /);
    refused(() => readClient({ name: 'App', type: 'public' }), /^tokenPolicy: is missing$/);
    refused(() => readClient({ ...good, type: 'native' }), /^type: /);
    refused(() => readClient({ ...good, redirectURIs: 'https://a.example' }), /^redirectURIs: /);
    refused(
      () => readClient({ ...good, redirectURIs: ['https://a.example', 'x'] }),
      /^redirectURIs\.1: must be/,
    );
    refused(() => readClient({ ...good, secret: 'mine' }), /^body: has a member/);
  });
});

describe('readLoginPolicy', () => {
  it('keeps what it is given, except the secrets of another identity store', () => {
    const { title, settings } = readLoginPolicy({
      id: '1',
      _links: {},
      title: 'People',
      loginURL: 'https://a.example/login',
      identityStoreDetails: {
        type: 'janrainCapture',
        connectionDetails: { clientId: 'c', clientSecret: 'hidden', entityType: 'user' },
      },
      customClaims: [{ id_token: { password: 'hidden' } }],
    });
    assert.equal(title, 'People');
    assert.deepEqual(settings, {
      loginURL: 'https://a.example/login',
      identityStoreDetails: {
        type: 'janrainCapture',
        connectionDetails: { clientId: 'c', entityType: 'user' },
      },
      customClaims: [{ id_token: {} }],
    });
  });

  it('refuses one without a title, or that is too long', () => {
    refused(() => readLoginPolicy({ loginURL: 'x' }), /^title: is missing$/);
    refused(() => readLoginPolicy({ title: 'x', more: 'y'.repeat(70_000) }), /^body: must have at most/);
  });
});

describe('redirectUriFault', () => {
  it('finds none in https URLs, http URLs of this machine, and links that open an app', () => {
    for (const uri of [
      'https://app.example',
      'https://app.example:8443/cb?x=1',
      'http://localhost:3000/cb',
      'http://127.0.0.1/cb',
      'http://[::1]:80/cb',
      'com.example.app:/back',
      'myapp://callback',
    ]) {
      assert.equal(redirectUriFault(uri), undefined, uri);
    }
  });

  it('finds what is wrong with all others', () => {
    for (const [uri, fault] of [
      ['', /absolute/],
      ['/cb', /absolute/],
      ['https://', /absolute/],
      ['https://*.example/cb', /absolute/],
      ['https://a.example/a b', /absolute/],
      ['https://a.example\\@b', /absolute/],
      ['https://a.example/cb#', /fragment/],
      ['https://a.example/cb#x', /fragment/],
      ['https://user@a.example', /user/],
      ['http://a.example/cb', /localhost/],
      ['http://localhost.a.example/cb', /localhost/],
      ['javascript:alert(1)', /app/],
      ['data:text/html,x', /app/],
      ['file:///etc/passwd', /app/],
      [`https://a.example/${'x'.repeat(2_048)}`, /2048/],
    ] as const) {
      assert.match(redirectUriFault(uri) ?? 'none', fault, uri);
    }
  });
});
