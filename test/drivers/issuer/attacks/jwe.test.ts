import { createPublicKey } from 'node:crypto';
import { CompactEncrypt } from 'jose';
import { onStage } from '../fixture.ts';

describe('ID token attack: encrypted token', () => {
  it('refuses a JWE, even one for a key of the issuer', () =>
    onStage(async ({ claims, key, refuses }) => {
      const token = await new CompactEncrypt(Buffer.from(JSON.stringify(claims())))
        .setProtectedHeader({ alg: 'RSA-OAEP-256', enc: 'A256GCM', kid: key.kid })
        .encrypt(createPublicKey(key.privateKey));
      await refuses(token, 'ID_TOKEN_MALFORMED');
    }));
});
