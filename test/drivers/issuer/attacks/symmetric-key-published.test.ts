import { createHmac } from 'node:crypto';
import { mint, signingKeyOf } from '../../../support/rogue-issuer.ts';
import { fails, onStage, sharedKey } from '../fixture.ts';

describe('ID token attack: symmetric or private key in the set', () => {
  it('refuses an HMAC under a symmetric key that the issuer publishes', () => {
    const secret = Buffer.alloc(32, 7);
    const oct = { kty: 'oct', k: secret.toString('base64url'), kid: 'secret', alg: 'HS256', use: 'sig' };
    const published = { ...sharedKey('ES256'), jwk: oct };
    return onStage(
      async ({ claims, refuses }) => {
        const sign = (input: Buffer): Buffer => createHmac('sha256', secret).update(input).digest();
        const header = { alg: 'HS256', kid: 'secret' };
        await refuses(mint(sharedKey('RS256'), claims(), { header, sign }), 'ID_TOKEN_ALGORITHM_REFUSED');
      },
      { keys: [sharedKey('RS256'), published] },
    );
  });

  it('does not use a key whose private half is published', () =>
    onStage(
      async ({ token, verify }) => {
        await fails(verify(token()), 'ISSUER_KEYS_UNAVAILABLE');
      },
      {
        keys: [
          signingKeyOf('ES256', sharedKey('ES256').privateKey, {
            d: sharedKey('ES256').privateKey.export({ format: 'jwk' }).d,
          }),
        ],
      },
    ));

  for (const [name, changes] of [
    ['for encryption', { use: 'enc' }],
    ['for signing only', { key_ops: ['sign'] }],
    ['for a purpose that is no list', { key_ops: 'verify' }],
    ['for an algorithm of encryption', { alg: 'RSA-OAEP' }],
  ] as const) {
    it(`does not use a key that is ${name}`, () =>
      onStage(
        async ({ token, verify }) => {
          await fails(verify(token()), 'ISSUER_KEYS_UNAVAILABLE');
        },
        { keys: [signingKeyOf('RS256', sharedKey('RS256').privateKey, changes)] },
      ));
  }
});
