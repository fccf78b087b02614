import { mintText } from '../../../support/rogue-issuer.ts';
import { onStage } from '../fixture.ts';

describe('ID token attack: alg none', () => {
  for (const alg of ['none', 'None', 'NONE', 'nOnE']) {
    it(`refuses an unsigned token that calls its algorithm ${alg}`, () =>
      onStage(async ({ claims, key, refuses }) => {
        const header = JSON.stringify({ alg, typ: 'JWT', kid: key.kid });
        const payload = JSON.stringify(claims());
        const unsigned = mintText(header, payload, () => Buffer.alloc(0));
        await refuses(unsigned, 'ID_TOKEN_MALFORMED');
        await refuses(`${unsigned}AA`, 'ID_TOKEN_ALGORITHM_REFUSED');
      }));
  }
});
