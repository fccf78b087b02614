import { generateRsaKey, signingKeyOf } from '../../../support/rogue-issuer.ts';
import { fails, onStage } from '../fixture.ts';

describe('ID token attack: small RSA key', () => {
  for (const bits of [1_024, 2_040]) {
    it(`does not use a key of ${bits} bits`, () =>
      onStage(
        async ({ token, verify }) => {
          await fails(verify(token()), 'ISSUER_KEYS_UNAVAILABLE');
        },
        { keys: [signingKeyOf('RS256', generateRsaKey(bits))] },
      ));
  }
});
