import assert from 'node:assert/strict';
import { readNewAuthenticator } from '../../../src/domain/authenticator-management/request.ts';
import type { ErrorCode } from '../../../src/domain/errors.ts';

const jwt = { type: 'jwt', name: 'ci', data: { jwks_uri: 'https://id.example/keys' } };
const code = { client_id: 'c', client_secret: 's', redirect_uri: 'r', claim_mapping: 'm' };
const either =
  'The data object must contain either ["id_token_user_property"] or ["client_id", "client_secret", "redirect_uri", "claim_mapping"] keys.';

/** As JSON has it: what is undefined is absent. */
const read = (body: unknown): ReturnType<typeof readNewAuthenticator> =>
  readNewAuthenticator('acct', JSON.parse(JSON.stringify(body)) as Record<string, unknown>);

describe('readNewAuthenticator', () => {
  it('reads a request', () => {
    const { managed, name, enabled, owner, variables, annotations } = read({
      type: 'jwt',
      name: 'ci',
      owner: { id: 'alice', kind: 'user' },
      data: { issuer: 'i', public_keys: { a: 1 }, identity: { enforced_claims: ['a', 'b'] } },
      annotations: { note: 'x' },
    });
    assert.deepEqual(
      [managed.kind, name, enabled, owner],
      ['authn-jwt', 'ci', true, { id: 'alice', kind: 'user' }],
    );
    assert.deepEqual(
      [...variables],
      [
        ['issuer', 'i'],
        ['public-keys', '{"a":1}'],
        ['enforced-claims', 'a,b'],
      ],
    );
    assert.deepEqual([...annotations], [['note', 'x']]);
  });

  it('takes an authorization code as well as an ID token, and what an ID token is checked against', () => {
    read({ type: 'oidc', name: 'x', data: { provider_uri: 'u', ...code } });
    read({
      type: 'oidc',
      name: 'x',
      data: { provider_uri: 'u', id_token_user_property: 'p', audience: 'a', issuer: 'i' },
    });
  });

  it('needs a type that is supported', () => {
    for (const [body, message] of [
      [{ name: 'x', data: { a: 1 } }, 'The following parameters were not expected: a'],
      [
        { name: 'x', type: 'foo' },
        "The 'data' object must be specified for foo authenticators and it must be a non-empty JSON object.",
      ],
    ] as const) {
      assert.throws(() => read(body), { code: 'FIELD_INVALID', message });
    }
  });

  const refused: readonly (readonly [unknown, ErrorCode, string])[] = [
    [
      { ...jwt, subtype: 'x', more: 1 },
      'FIELD_INVALID',
      'The following parameters were not expected: subtype, more',
    ],
    [{ ...jwt, name: undefined }, 'FIELD_MISSING', 'Missing required parameter: name'],
    [{ ...jwt, name: '' }, 'FIELD_MISSING', 'Missing required parameter: name'],
    [{ ...jwt, name: 5 }, 'FIELD_TYPE_INVALID', "The 'name' parameter must be of 'type=string'"],
    [
      { ...jwt, name: 'a b' },
      'FIELD_INVALID',
      "Invalid 'name' parameter. Valid characters: letters, numbers, and these special characters are allowed: . _ : -. Other characters are not allowed.",
    ],
    [
      { ...jwt, name: 'n'.repeat(61) },
      'FIELD_INVALID',
      "'name' parameter length exceeded. Limit the length to 60 characters",
    ],
    [
      { ...jwt, enabled: 'yes' },
      'FIELD_TYPE_INVALID',
      "The 'enabled' parameter must be of 'type=true, false'",
    ],
    [{ ...jwt, owner: 'x' }, 'FIELD_TYPE_INVALID', "The 'owner' parameter must be of 'type=object'"],
    [{ ...jwt, owner: {} }, 'FIELD_MISSING', 'Missing required parameter: id'],
    [{ ...jwt, owner: { id: 'x' } }, 'FIELD_MISSING', 'Missing required parameter: kind'],
    [
      { ...jwt, owner: { id: 'x', kind: 'user', more: 1 } },
      'FIELD_INVALID',
      'The following parameters were not expected: more',
    ],
    [
      { ...jwt, owner: { id: 5, kind: 'user' } },
      'FIELD_TYPE_INVALID',
      "The 'id' parameter must be of 'type=string'",
    ],
    [
      { ...jwt, owner: { id: 'x', kind: 5 } },
      'FIELD_TYPE_INVALID',
      "The 'kind' parameter must be of 'type=string'",
    ],
    [
      { ...jwt, owner: { id: 'x', kind: 'policy' } },
      'FIELD_VALUE_INVALID',
      'The value in the Resource \'x\' kind parameter is not valid. Error: Allowed values are ["user", "host", "group"]',
    ],
    [
      { ...jwt, owner: { id: 'a b', kind: 'user' } },
      'FIELD_INVALID',
      "Invalid 'id' parameter. Valid characters: letters, numbers, and these special characters are allowed: @ . _ / -. Other characters are not allowed.",
    ],
    [
      { ...jwt, annotations: 'x' },
      'FIELD_TYPE_INVALID',
      "The 'annotations' parameter must be of 'type=object'",
    ],
    [
      { ...jwt, annotations: { 'a b': 'x' } },
      'FIELD_INVALID',
      "Invalid 'annotation name' parameter. Valid characters: letters, numbers, and these special characters are allowed: _ / -. Other characters are not allowed.",
    ],
    [
      { ...jwt, annotations: { a: "it's" } },
      'FIELD_INVALID',
      "Invalid 'annotation value' parameter. All characters except less than (<), greater than (>), and single quote (') are allowed.",
    ],
    [
      { ...jwt, annotations: { a: 'v'.repeat(121) } },
      'FIELD_INVALID',
      "'annotation value' parameter length exceeded. Limit the length to 120 characters",
    ],
    [
      { ...jwt, annotations: { a: 5 } },
      'FIELD_TYPE_INVALID',
      "The 'annotation value' parameter must be of 'type=string'",
    ],
    [{ ...jwt, annotations: { a: null } }, 'FIELD_MISSING', 'Missing required parameter: annotation value'],
    [{ ...jwt, annotations: { a: '' } }, 'FIELD_MISSING', 'Missing required parameter: annotation value'],
    [{ name: 'x', data: { a: 1 } }, 'FIELD_INVALID', 'The following parameters were not expected: a'],
    [{ name: 'x', type: 5, data: {} }, 'FIELD_TYPE_INVALID', "The 'type' parameter must be of 'type=string'"],
    [
      { name: 'x', type: 'gcp' },
      'RESOURCE_NOT_FOUND',
      "Webservice 'conjur/gcp/x' not found in account 'acct'",
    ],
    [
      { name: 'x', type: 'aws', data: {} },
      'FIELD_INVALID',
      "The 'data' object cannot be specified for aws authenticators.",
    ],
    [
      { name: 'default', type: 'gcp', data: {} },
      'FIELD_INVALID',
      "The 'data' object cannot be specified for gcp authenticators.",
    ],
    [{ ...jwt, data: 'x' }, 'FIELD_TYPE_INVALID', "The 'data' parameter must be of 'type=object'"],
    [
      { ...jwt, data: {} },
      'FIELD_INVALID',
      "The 'data' object must be specified for jwt authenticators and it must be a non-empty JSON object.",
    ],
    [
      { ...jwt, data: undefined },
      'FIELD_INVALID',
      "The 'data' object must be specified for jwt authenticators and it must be a non-empty JSON object.",
    ],
  ];
  const refusedJwt: readonly (readonly [unknown, ErrorCode, string])[] = [
    [
      { audience: 'a' },
      'FIELD_INVALID',
      "In the 'data' object, either a 'jwks_uri' or 'public_keys' field must be specified.",
    ],
    [
      { jwks_uri: 'u', public_keys: {} },
      'FIELD_INVALID',
      "In the 'data' object, you cannot specify jwks_uri and public_keys fields.",
    ],
    [
      { public_keys: {} },
      'FIELD_INVALID',
      "In the 'data' object, when the 'public_keys' field is specified, the 'issuer' field must also be specified.",
    ],
    [
      { jwks_uri: 'u', identity: { identity_path: 'p' } },
      'FIELD_INVALID',
      "In the identity object, when the 'identity_path' field is specified, the 'token_app_property' field must also be specified.",
    ],
    [
      { jwks_uri: 'u', provider_uri: 'p' },
      'FIELD_INVALID',
      'The following parameters were not expected: provider_uri',
    ],
    [{ jwks_uri: 5 }, 'FIELD_TYPE_INVALID', "The 'jwks_uri' parameter must be of 'type=string'"],
    [{ jwks_uri: '' }, 'FIELD_INVALID', "'jwks_uri' parameter length is less than 1 characters"],
    [
      { jwks_uri: 'a b' },
      'FIELD_INVALID',
      "Invalid 'jwks_uri' parameter. All characters except space ( ), less than (<), and greater than (>) are allowed.",
    ],
    [
      { jwks_uri: 'u'.repeat(256) },
      'FIELD_INVALID',
      "'jwks_uri' parameter length exceeded. Limit the length to 255 characters",
    ],
    [
      { jwks_uri: 'u', issuer: 'u'.repeat(256) },
      'FIELD_INVALID',
      "'issuer' parameter length exceeded. Limit the length to 255 characters",
    ],
    [
      { jwks_uri: 'u', audience: 'u'.repeat(1001) },
      'FIELD_INVALID',
      "'audience' parameter length exceeded. Limit the length to 1000 characters",
    ],
    [{ jwks_uri: 'u', ca_cert: 5 }, 'FIELD_TYPE_INVALID', "The 'ca_cert' parameter must be of 'type=string'"],
    [
      { public_keys: 'x', issuer: 'i' },
      'FIELD_TYPE_INVALID',
      "The 'public_keys' parameter must be of 'type=object'",
    ],
    [
      { public_keys: { x: 'k'.repeat(10_000) }, issuer: 'i' },
      'FIELD_INVALID',
      "'public_keys' parameter length exceeded. Limit the length to 10000 characters",
    ],
    [
      { jwks_uri: 'u', identity: 'x' },
      'FIELD_TYPE_INVALID',
      "The 'identity' parameter must be of 'type=object'",
    ],
    [{ jwks_uri: 'u', identity: { x: 1 } }, 'FIELD_INVALID', 'The following parameters were not expected: x'],
    [
      { jwks_uri: 'u', identity: { claim_aliases: 'x' } },
      'FIELD_TYPE_INVALID',
      "The 'claim_aliases' parameter must be of 'type=object'",
    ],
    [
      { jwks_uri: 'u', identity: { claim_aliases: { 'a b': 'c' } } },
      'FIELD_INVALID',
      "Invalid target alias 'a b' in 'claim_aliases'. Must be an alphanumeric string with underscores or dashes.",
    ],
    [
      { jwks_uri: 'u', identity: { claim_aliases: { exp: 'c' } } },
      'FIELD_INVALID',
      "Invalid target alias 'exp' in 'claim_aliases'. Cannot use reserved claims: iss, exp, nbf, iat, aud, jti.",
    ],
    [
      { jwks_uri: 'u', identity: { claim_aliases: { a: 'c//d' } } },
      'FIELD_INVALID',
      "Invalid source claim 'c//d' in 'claim_aliases'. Must be a valid claim name or a nested path.",
    ],
    [
      { jwks_uri: 'u', identity: { claim_aliases: { a: 5 } } },
      'FIELD_INVALID',
      "Invalid source claim '5' in 'claim_aliases'. Must be a valid claim name or a nested path.",
    ],
    [
      { jwks_uri: 'u', identity: { enforced_claims: 'x' } },
      'FIELD_TYPE_INVALID',
      "The 'enforced_claims' parameter must be of 'type=array'",
    ],
    [
      { jwks_uri: 'u', identity: { enforced_claims: [5] } },
      'FIELD_INVALID',
      "Invalid 'enforced_claims' parameter. Must be an array of strings.",
    ],
    [
      { jwks_uri: 'u', identity: { identity_path: 5 } },
      'FIELD_TYPE_INVALID',
      "The 'identity_path' parameter must be of 'type=string'",
    ],
    [
      { jwks_uri: 'u', identity: { token_app_property: 'p'.repeat(1001) } },
      'FIELD_INVALID',
      "'token_app_property' parameter length exceeded. Limit the length to 1000 characters",
    ],
  ];
  const refusedData: readonly (readonly [string, unknown, ErrorCode, string])[] = [
    ['azure', { x: 1 }, 'FIELD_MISSING', 'Missing required parameter: provider_uri'],
    [
      'azure',
      { provider_uri: 5 },
      'FIELD_TYPE_INVALID',
      "The 'provider_uri' parameter must be of 'type=string'",
    ],
    ['azure', { provider_uri: 'u', x: 1 }, 'FIELD_INVALID', 'The following parameters were not expected: x'],
    ['k8s', { 'ca/cert': 'c' }, 'FIELD_MISSING', 'Missing required parameter: ca/key'],
    ['k8s', { 'ca/key': 'k' }, 'FIELD_MISSING', 'Missing required parameter: ca/cert'],
    [
      'k8s',
      { 'ca/key': 'k', 'ca/cert': 'c', 'kubernetes/api_url': 5 },
      'FIELD_TYPE_INVALID',
      "The 'kubernetes/api_url' parameter must be of 'type=string'",
    ],
    [
      'ldap',
      { tls_ca_cert: 'c' },
      'FIELD_MISSING',
      "Missing required parameter: The 'bind_password' field must be specified when the 'tls_ca_cert' field is provided.",
    ],
    [
      'ldap',
      { bind_password: 5 },
      'FIELD_TYPE_INVALID',
      "The 'bind_password' parameter must be of 'type=string'",
    ],
    ['ldap', { bind_password: 'p', x: 1 }, 'FIELD_INVALID', 'The following parameters were not expected: x'],
    ['oidc', { client_id: 'c' }, 'FIELD_MISSING', 'Missing required parameter: provider_uri'],
    ['oidc', { provider_uri: 'u' }, 'FIELD_INVALID', either],
    ['oidc', { provider_uri: 'u', client_id: 'c' }, 'FIELD_INVALID', either],
    ['oidc', { provider_uri: 'u', id_token_user_property: 'p', client_id: 'c' }, 'FIELD_INVALID', either],
    ['oidc', { provider_uri: 'u', id_token_user_property: 'p', ...code }, 'FIELD_INVALID', either],
    [
      'oidc',
      { provider_uri: 'u', id_token_user_property: 'p', response_type: 'code' },
      'FIELD_INVALID',
      'The following parameters were not expected: response_type',
    ],
    [
      'oidc',
      { provider_uri: 'u', id_token_user_property: 'a b' },
      'FIELD_INVALID',
      "Invalid 'id_token_user_property' parameter. All characters except space ( ), less than (<), and greater than (>) are allowed.",
    ],
  ];
  const all = [
    ...refused,
    ...refusedJwt.map(([data, kind, message]) => [{ ...jwt, data }, kind, message] as const),
    ...refusedData.map(([type, data, kind, message]) => [{ type, name: 'x', data }, kind, message] as const),
  ];
  for (const [body, kind, message] of all) {
    it(`refuses ${JSON.stringify(body).slice(0, 90)}: ${message.slice(0, 60)}`, () => {
      assert.throws(() => read(body), { code: kind, message });
    });
  }
});
