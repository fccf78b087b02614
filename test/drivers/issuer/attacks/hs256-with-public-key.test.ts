import { createHmac, createPublicKey } from 'node:crypto';
import { mint } from '../../../support/rogue-issuer.ts';
import { onStage } from '../fixture.ts';

describe('ID token attack: hs256 with the public key', () => {
  for (const format of ['pem', 'der', 'jwk'] as const) {
    it(`refuses an HMAC under the issuer's public key in ${format} form`, () =>
      onStage(async ({ claims, key, refuses }) => {
        const publicKey = createPublicKey(key.privateKey);
        const secret =
          format === 'jwk'
            ? JSON.stringify(key.jwk)
            : format === 'pem'
              ? publicKey.export({ type: 'spki', format })
              : publicKey.export({ type: 'spki', format });
        const sign = (input: Buffer): Buffer => createHmac('sha256', secret).update(input).digest();
        await refuses(mint(key, claims(), { header: { alg: 'HS256' }, sign }), 'ID_TOKEN_ALGORITHM_REFUSED');
      }));
  }
});
