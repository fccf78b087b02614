import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mint, privateCertificate, signingKeyOf } from '../../../support/rogue-issuer.ts';
import { onStage, sharedKey } from '../fixture.ts';

describe('ID token attack: x5c', () => {
  it('refuses a token under the key of a certificate that it brings along', () =>
    onStage(
      async ({ claims, key, refuses }) => {
        const { cert, key: privateKey } = privateCertificate();
        const attacker = signingKeyOf('ES256', createPrivateKey(privateKey), { kid: key.kid });
        const x5c = [new X509Certificate(cert).raw.toString('base64')];
        await refuses(mint(attacker, claims(), { header: { x5c } }), 'ID_TOKEN_SIGNATURE_INVALID');
      },
      { keys: [sharedKey('ES256')] },
    ));
});
