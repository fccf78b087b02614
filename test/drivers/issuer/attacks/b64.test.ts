import { signatureOf } from '../../../support/rogue-issuer.ts';
import { onStage } from '../fixture.ts';

describe('ID token attack: b64', () => {
  it('refuses a payload that is not encoded', () =>
    onStage(async ({ claims, key, refuses }) => {
      const header = { alg: key.algorithm, kid: key.kid, b64: false, crit: ['b64'] };
      const signingInput = `${Buffer.from(JSON.stringify(header)).toString('base64url')}.${JSON.stringify(claims())}`;
      const signature = signatureOf(key, Buffer.from(signingInput)).toString('base64url');
      await refuses(`${signingInput}.${signature}`, 'ID_TOKEN_MALFORMED');
    }));

  for (const b64 of [true, false]) {
    it(`refuses a header that says b64 is ${b64 ? 'true' : 'false'}, also where it is not critical`, () =>
      onStage(async ({ token, refuses }) => {
        await refuses(token({}, { header: { b64 } }), 'ID_TOKEN_MALFORMED');
      }));
  }
});
