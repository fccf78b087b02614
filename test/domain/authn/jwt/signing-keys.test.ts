import assert from 'node:assert/strict';
import {
  issuerOf,
  signingKeysOf,
  type SigningKeyVariable,
} from '../../../../src/domain/authn/jwt/signing-keys.ts';
import { isFailure } from '../../../../src/domain/errors.ts';

type Values = Partial<Record<SigningKeyVariable, string>>;

const mapOf = (values: Values): Map<SigningKeyVariable, string> =>
  new Map(Object.entries(values) as [SigningKeyVariable, string][]);
const keysOf = (values: Values): ReturnType<typeof signingKeysOf> => signingKeysOf(mapOf(values));
const issuer = (values: Values): string => issuerOf(keysOf(values), mapOf(values));

describe('signingKeysOf', () => {
  it('counts a value of blanks as one (8826, 8695)', () => {
    for (const values of [
      { 'jwks-uri': ' ', 'provider-uri': 'https://a' },
      { 'jwks-uri': 'https://a', 'provider-uri': ' ' },
    ])
      assert.throws(
        () => keysOf(values),
        (error) =>
          isFailure(error, 'JWT_SIGNING_KEY_SETTINGS') &&
          error.message.endsWith('jwks-uri and provider-uri cannot be defined simultaneously'),
      );
  });

  it('reads an address without the line break at its end', () => {
    assert.deepEqual(keysOf({ 'jwks-uri': 'https://a/keys\n', 'ca-cert': 'PEM' }), {
      from: 'jwks-uri',
      uri: 'https://a/keys',
      caCert: 'PEM',
    });
  });

  it('reads a key set that policy holds', () => {
    const jwks = { keys: [{ kty: 'RSA' }] };
    const value = JSON.stringify({ type: 'jwks', value: jwks });
    assert.deepEqual(keysOf({ 'public-keys': value, issuer: 'x' }), { from: 'public-keys', jwks });
  });

  it('complains of public keys as Conjur does', () => {
    const cases: [string, string][] = [
      ['{"type":7,"value":{"keys":[1]}}', "Type '' is not a valid public-keys type. Valid types are: jwks"],
      ['{"type":"jwks","value":[]}', "Value can't be blank and Value is not a valid JWKS (RFC7517)"],
      ['{"type":"jwks","value":"x"}', 'Value is not a valid JWKS (RFC7517)'],
      ['{"type":"jwks","value":{"keys":{}}}', 'Value is not a valid JWKS (RFC7517)'],
      ['"text"', 'Value not in valid JSON format'],
      ['null', 'Value not in valid JSON format'],
    ];
    for (const [value, fault] of cases)
      assert.throws(
        () => keysOf({ 'public-keys': value, issuer: 'x' }),
        (error) =>
          isFailure(error, 'JWT_PUBLIC_KEYS_INVALID') &&
          error.message === `Failed to parse 'public-keys': ${fault}`,
        value,
      );
  });
});

describe('issuerOf', () => {
  it('is the variable, exactly', () => {
    assert.equal(issuer({ 'jwks-uri': 'https://keys.example/x', issuer: ' a ' }), ' a ');
  });

  it('is the provider, or the host name of the keys', () => {
    assert.equal(issuer({ 'provider-uri': 'https://idp.example/realm/' }), 'https://idp.example/realm/');
    assert.equal(issuer({ 'jwks-uri': 'http://jwks_py:8090/a/b' }), 'jwks_py');
    assert.equal(issuer({ 'jwks-uri': 'http://[::1]:8090/a/b' }), '::1');
  });

  it('is nothing where the address is none, which fails by itself', () => {
    assert.equal(issuer({ 'jwks-uri': 'unknown-host.com' }), '');
  });
});
