import { signatureOf } from '../../../support/rogue-issuer.ts';
import { onStage } from '../fixture.ts';

describe('ID token attack: base64 with + and /', () => {
  it('refuses the alphabet of plain base64', () =>
    onStage(async ({ claims, key, refuses }) => {
      const header = Buffer.from(JSON.stringify({ alg: key.algorithm, kid: key.kid })).toString('base64url');
      const payload = Buffer.from(JSON.stringify(claims({ note: '>>>???~~~' })))
        .toString('base64')
        .replace(/=/g, '');
      const signature = signatureOf(key, Buffer.from(`${header}.${payload}`)).toString('base64url');
      await refuses(`${header}.${payload}.${signature}`, 'ID_TOKEN_MALFORMED');
    }));
});
