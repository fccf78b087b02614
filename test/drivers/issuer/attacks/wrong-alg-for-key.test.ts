import { createSigningKey, mint, signingKeyOf } from '../../../support/rogue-issuer.ts';
import { onStage, sharedKey, shown } from '../fixture.ts';

describe('ID token attack: algorithm that the key is not for', () => {
  it('refuses PS256 under a key for RS256, though it is the same kind of key', () =>
    onStage(async ({ claims, key, refuses }) => {
      await refuses(mint({ ...key, algorithm: 'PS256' }, claims()), 'ID_TOKEN_ALGORITHM_REFUSED');
    }));

  it('refuses RS512 under a key for RS256', () =>
    onStage(async ({ claims, key, refuses }) => {
      await refuses(mint({ ...key, algorithm: 'RS512' }, claims()), 'ID_TOKEN_ALGORITHM_REFUSED');
    }));

  it('refuses a signature of one algorithm under the name of another', () =>
    onStage(
      async ({ token, refuses }) => {
        await refuses(token({}, { header: { alg: 'PS256' } }), 'ID_TOKEN_SIGNATURE_INVALID');
        await refuses(token({}, { header: { alg: 'RS512' } }), 'ID_TOKEN_SIGNATURE_INVALID');
      },
      { keys: [signingKeyOf('RS256', sharedKey('RS256').privateKey, { alg: undefined })] },
    ));

  it('refuses ES256 under an RSA key', () =>
    onStage(async ({ claims, key, refuses }) => {
      const attacker = createSigningKey('ES256', { kid: key.kid });
      await refuses(mint(attacker, claims()), 'ID_TOKEN_ALGORITHM_REFUSED');
    }));

  for (const alg of [
    'HS256',
    'HS384',
    'HS512',
    'RS1',
    'ES256K',
    'ML-DSA-44',
    'Ed25519',
    'dir',
    'rs256',
    '__proto__',
  ]) {
    it(`refuses the algorithm ${alg}`, () =>
      onStage(async ({ token, refuses }) => {
        await refuses(token({}, { header: { alg } }), 'ID_TOKEN_ALGORITHM_REFUSED');
      }));
  }

  for (const alg of [undefined, null, 7, ['RS256']]) {
    it(`refuses ${shown(alg)} as an algorithm`, () =>
      onStage(async ({ token, refuses }) => {
        await refuses(token({}, { header: { alg } }), 'ID_TOKEN_MALFORMED');
      }));
  }
});
