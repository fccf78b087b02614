import assert from 'node:assert/strict';
import { claimAt, isClaimName, requireClaimName } from '../../../../src/domain/authn/jwt/claim-names.ts';
import { isFailure, type ErrorCode } from '../../../../src/domain/errors.ts';

const refused = (text: string, code: ErrorCode): void => {
  assert.throws(
    () => {
      requireClaimName(text);
    },
    (error) => isFailure(error, code),
    text,
  );
};

describe('isClaimName', () => {
  it('accepts segments of letters, digits and a few signs, joined by slashes', () => {
    for (const name of ['a', '_', '$a', '|', 'a-b', 'a.b...', 'a1', 'a/b/c', 'kubernetes.io/pod/name'])
      assert.ok(isClaimName(name), name);
  });

  it('refuses everything else, also behind a line break', () => {
    for (const name of [
      '',
      ' ',
      '/a',
      'a/',
      'a//b',
      '1a',
      '-a',
      '.a',
      'a[0]',
      'a b',
      'a\n',
      'a\n1',
      'a:b',
      'é',
    ])
      assert.ok(!isClaimName(name), name);
  });

  it('takes linear time on a text made to be slow', () => {
    assert.ok(!isClaimName(`${'a/'.repeat(200_000)}!`));
  });
});

describe('requireClaimName', () => {
  it('tells blank, malformed and reserved names apart', () => {
    refused('', 'CLAIM_NAME_EMPTY');
    refused('  ', 'CLAIM_NAME_EMPTY');
    refused('a b', 'CLAIM_NAME_INVALID');
    for (const name of ['iss', 'exp', 'nbf', 'iat', 'jti', 'aud']) refused(name, 'CLAIM_NAME_RESERVED');
  });

  it('accepts sub, and names that only resemble reserved ones', () => {
    for (const name of ['sub', 'ISS', 'iss/a', 'a/iss']) requireClaimName(name);
  });

  it('does not repeat a long text', () => {
    assert.throws(
      () => {
        requireClaimName(`${'x'.repeat(10_000)} `);
      },
      (error) => isFailure(error, 'CLAIM_NAME_INVALID') && error.message.length < 1_000,
    );
  });
});

describe('claimAt', () => {
  it('prefers the claim of that very name to the path', () => {
    const claims = { 'a/b': 'literal', a: { b: 'nested' } };
    assert.equal(claimAt(claims, 'a/b'), 'literal');
    assert.equal(claimAt({ a: { b: 'nested' } }, 'a/b'), 'nested');
  });

  it('finds nothing through lists, texts, null, or what objects inherit', () => {
    const claims = { list: ['x'], text: 'x', none: null, object: {} };
    for (const path of [
      'list/0',
      'list/length',
      'text/length',
      'none/a',
      'object/constructor',
      'toString',
      'none',
    ])
      assert.equal(claimAt(claims, path), undefined, path);
  });

  it('keeps false and zero, which are there', () => {
    assert.equal(claimAt({ a: { b: false } }, 'a/b'), false);
    assert.equal(claimAt({ a: 0 }, 'a'), 0);
  });
});
