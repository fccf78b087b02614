import assert from 'node:assert/strict';
import { isWrongProof } from '../../../src/domain/abuse/wrong-proof.ts';
import { LatchkeyError, type ErrorCode } from '../../../src/domain/errors.ts';

describe('a failure that counts against who tried', () => {
  for (const code of ['CREDENTIALS_INVALID', 'ID_TOKEN_KEY_UNKNOWN', 'CODE_EXCHANGE_FAILED'] as const) {
    it(`is ${code}`, () => {
      assert.equal(isWrongProof(new LatchkeyError(code)), true);
    });
  }

  const others: readonly ErrorCode[] = [
    'ISSUER_TIMEOUT',
    'JWKS_UNREACHABLE',
    'STORE_UNAVAILABLE',
    'OVERLOADED',
  ];
  for (const code of others) {
    it(`is not ${code}`, () => {
      assert.equal(isWrongProof(new LatchkeyError(code)), false);
    });
  }

  const issuerFaults: readonly ErrorCode[] = [
    'ISSUER_NOT_ALLOWED',
    'ISSUER_UNREACHABLE',
    'ISSUER_TIMEOUT',
    'ISSUER_INVALID',
  ];
  for (const code of issuerFaults) {
    it(`is not a code that could not be exchanged for ${code}`, () => {
      const cause = new LatchkeyError(code);
      assert.equal(isWrongProof(new LatchkeyError('CODE_EXCHANGE_FAILED', { cause })), false);
    });
  }

  it('is no error of another kind', () => {
    assert.equal(isWrongProof(new Error('CREDENTIALS_INVALID')), false);
  });
});
