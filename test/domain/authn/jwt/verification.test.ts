import assert from 'node:assert/strict';
import { verificationOf, type VerificationVariable } from '../../../../src/domain/authn/jwt/verification.ts';
import { isFailure } from '../../../../src/domain/errors.ts';
import { toAccount, toResourceId } from '../../../../src/domain/ids.ts';
import type { JwtSettings } from '../../../../src/ports/id-token-verifier.ts';

const webservice = toResourceId(toAccount('acct'), 'webservice', 'conjur/authn-jwt/raw');

const read = (values: Partial<Record<VerificationVariable, string>>): JwtSettings =>
  verificationOf(
    webservice,
    new Map(Object.entries({ 'jwks-uri': 'https://a/keys', ...values }) as [VerificationVariable, string][]),
  );

describe('verificationOf', () => {
  it("takes Conjur's algorithms by default, and no audience", () => {
    assert.deepEqual(read({}), {
      keys: { from: 'jwks-uri', uri: 'https://a/keys' },
      issuer: 'a',
      algorithms: ['RS256', 'RS384', 'RS512'],
    });
  });

  it('reads lists of algorithms, and refuses what is not asymmetric, or nothing', () => {
    assert.deepEqual(read({ algorithms: 'ES256, EdDSA\nPS512' }).algorithms, ['ES256', 'EdDSA', 'PS512']);
    for (const algorithms of ['HS256', 'none', 'RS256,none', 'rs256', ' ', ','])
      assert.throws(
        () => read({ algorithms }),
        (error) => isFailure(error, 'SERVICE_VARIABLE_INVALID'),
        algorithms,
      );
  });

  it('refuses an audience of blanks', () => {
    assert.throws(
      () => read({ audience: ' \n' }),
      (error) => isFailure(error, 'JWT_AUDIENCE_EMPTY'),
    );
    assert.equal(read({ audience: 'conjur' }).audience, 'conjur');
  });
});
