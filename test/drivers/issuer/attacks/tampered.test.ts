import { encode } from '../../../support/rogue-issuer.ts';
import { onStage, sharedKey } from '../fixture.ts';

describe('ID token attack: altered token', () => {
  for (const algorithm of ['RS256', 'PS256', 'ES256', 'ES384', 'ES512', 'EdDSA']) {
    it(`refuses claims that an ${algorithm} signature does not cover`, () =>
      onStage(
        async ({ claims, token, refuses }) => {
          const [header = '', , signature = ''] = token().split('.');
          const altered = encode(JSON.stringify(claims({ sub: 'admin' })));
          await refuses(`${header}.${altered}.${signature}`, 'ID_TOKEN_SIGNATURE_INVALID');
        },
        { keys: [sharedKey(algorithm)] },
      ));
  }

  it('refuses a signature with any bit turned', () =>
    onStage(
      async ({ token, refuses }) => {
        const [header = '', payload = '', signature = ''] = token().split('.');
        const bytes = Buffer.from(signature, 'base64url');
        for (let at = 0; at < bytes.length; at++) {
          const turned = Buffer.from(bytes);
          turned[at] = (turned[at] ?? 0) ^ 1;
          await refuses(`${header}.${payload}.${turned.toString('base64url')}`, 'ID_TOKEN_SIGNATURE_INVALID');
        }
      },
      { keys: [sharedKey('ES256')] },
    ));
});
