import assert from 'node:assert/strict';
import { signingKeyOf } from '../../../support/rogue-issuer.ts';
import { fails, onStage, sharedKey } from '../fixture.ts';

describe('ID token attack: ROCA key', () => {
  /** A number that is a power of 65537 modulo the small primes, as the moduli of these keys are. */
  function weakModulus(): string {
    let product = 1n;
    for (let prime = 2n; prime <= 167n; prime++) {
      const isPrime = Array.from({ length: Number(prime) - 2 }, (_, index) => BigInt(index + 2)).every(
        (divisor) => prime % divisor !== 0n,
      );
      if (isPrime) product *= prime;
    }
    const power = 65_537n ** 12_345n % product;
    const multiple = 2n ** 2_047n / product + 1n;
    return Buffer.from((multiple * product + power).toString(16), 'hex').toString('base64url');
  }

  it('does not use a modulus with the fingerprint of CVE-2017-15361', () =>
    onStage(
      async ({ token, verify }) => {
        const failure = await fails(verify(token()), 'ISSUER_KEYS_UNAVAILABLE');
        assert.match(failure.message, /ROCA/);
      },
      { keys: [signingKeyOf('RS256', sharedKey('RS256').privateKey, { n: weakModulus() })] },
    ));
});
