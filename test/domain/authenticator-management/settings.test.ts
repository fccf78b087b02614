import assert from 'node:assert/strict';
import { kindOfType } from '../../../src/domain/authenticator-management/kinds.ts';
import {
  redactedRequest,
  shownData,
  storedValue,
} from '../../../src/domain/authenticator-management/settings.ts';

const redacted = '[redacted]';

describe('redactedRequest', () => {
  const dataOf = (body: Record<string, unknown>): unknown =>
    (JSON.parse(redactedRequest(body)) as { readonly data: unknown }).data;

  it('shows what is known to be no secret', () => {
    const body = {
      type: 'jwt',
      name: 'ci',
      enabled: true,
      data: {
        jwks_uri: 'https://id.example',
        identity: { enforced_claims: ['a'], claim_aliases: { a: 'b' } },
      },
      annotations: { note: 'x' },
    };
    assert.equal(redactedRequest(body), JSON.stringify(body));
  });

  it('hides secrets, keys and certificates', () => {
    assert.deepEqual(
      dataOf({ type: 'oidc', data: { provider_uri: 'u', client_secret: 's', ca_cert: 'c' } }),
      { provider_uri: 'u', client_secret: redacted, ca_cert: redacted },
    );
    assert.deepEqual(dataOf({ type: 'k8s', data: { 'ca/key': 's', 'kubernetes/api_url': 'u' } }), {
      'ca/key': redacted,
      'kubernetes/api_url': 'u',
    });
    assert.deepEqual(dataOf({ type: 'ldap', data: { bind_password: 's' } }), { bind_password: redacted });
    assert.deepEqual(dataOf({ type: 'jwt', data: { public_keys: { d: 's' } } }), { public_keys: redacted });
  });

  it('hides what nobody knows, where it stands', () => {
    assert.equal(redactedRequest({ secret: 's', enabled: true }), `{"secret":"${redacted}","enabled":true}`);
    assert.deepEqual(dataOf({ type: 'oidc', data: { clientSecret: 's', identity: { name: 's' } } }), {
      clientSecret: redacted,
      identity: { name: redacted },
    });
    assert.deepEqual(
      dataOf({ type: 'jwt', data: { token_app_property: 's', identity: { jwks_uri: 's' } } }),
      {
        token_app_property: redacted,
        identity: { jwks_uri: redacted },
      },
    );
    assert.deepEqual(dataOf({ data: { jwks_uri: 's' } }), { jwks_uri: redacted });
    assert.deepEqual(dataOf({ type: 'jwt', data: 's' }), redacted);
  });
});

describe('settings', () => {
  const settings = kindOfType('jwt')?.settings ?? [];
  const values = new Map([
    ['enforced-claims', ' a, b,a'],
    ['claim-aliases', 'x:y/z,bad,:no,no:,u:v:w'],
    ['public-keys', '{"type":"jwks"}'],
    ['issuer', ''],
  ]);

  it('are shown as lists, pairs and objects', () => {
    const shown = shownData(settings, ({ variable }) => {
      const text = values.get(variable);
      return text === undefined ? undefined : { text };
    });
    assert.deepEqual(shown, {
      issuer: '',
      public_keys: { type: 'jwks' },
      identity: { enforced_claims: ['a', 'b'], claim_aliases: { x: 'y/z', u: 'v:w' } },
    });
  });

  it('are kept as texts', () => {
    const stored = (field: string, value: unknown): string => {
      const setting = settings.find((known) => known.field === field);
      assert.ok(setting !== undefined);
      return storedValue(setting, value);
    };
    assert.equal(stored('enforced_claims', ['a', 'b']), 'a,b');
    assert.equal(stored('claim_aliases', { x: 'y/z', u: 'v' }), 'x:y/z,u:v');
    assert.equal(stored('public_keys', { type: 'jwks' }), '{"type":"jwks"}');
    assert.equal(stored('issuer', 'i'), 'i');
  });
});
