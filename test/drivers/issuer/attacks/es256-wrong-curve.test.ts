import { createSigningKey, mint } from '../../../support/rogue-issuer.ts';
import { fails, onStage, sharedKey } from '../fixture.ts';

describe('ID token attack: ES256 under a key of another curve', () => {
  for (const curve of ['ES384', 'ES512']) {
    it(`refuses an ES256 token under a key for ${curve}`, () =>
      onStage(
        async ({ claims, key, refuses }) => {
          const token = mint({ ...key, algorithm: 'ES256' }, claims());
          await refuses(token, 'ID_TOKEN_ALGORITHM_REFUSED');
        },
        { keys: [createSigningKey(curve, { alg: undefined })] },
      ));
  }

  it('does not use a key that claims an algorithm of another curve', () =>
    onStage(
      async ({ token, verify }) => {
        await fails(verify(token()), 'ISSUER_KEYS_UNAVAILABLE');
      },
      { keys: [createSigningKey('ES384', { alg: 'ES256' })] },
    ));

  it('does not use a point that is not on its curve', () =>
    onStage(
      async ({ token, verify }) => {
        await fails(verify(token()), 'ISSUER_KEYS_UNAVAILABLE');
      },
      {
        keys: [
          {
            ...sharedKey('ES256'),
            jwk: { ...sharedKey('ES256').jwk, y: Buffer.alloc(32, 1).toString('base64url') },
          },
        ],
      },
    ));
});
