import { onStage, sharedKey } from '../fixture.ts';

describe('ID token attack: psychic ECDSA signature', () => {
  for (const algorithm of ['ES256', 'ES384', 'ES512']) {
    it(`refuses an ${algorithm} signature of zeros`, () =>
      onStage(
        async ({ token, refuses }) => {
          const bytes = { ES256: 64, ES384: 96, ES512: 132 }[algorithm] ?? 0;
          await refuses(token({}, { sign: () => Buffer.alloc(bytes) }), 'ID_TOKEN_SIGNATURE_INVALID');
        },
        { keys: [sharedKey(algorithm)] },
      ));
  }

  it('refuses r and s that equal the order of the curve', () =>
    onStage(
      async ({ token, refuses }) => {
        const order = Buffer.from('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551', 'hex');
        await refuses(token({}, { sign: () => Buffer.concat([order, order]) }), 'ID_TOKEN_SIGNATURE_INVALID');
        const zero = Buffer.alloc(32);
        await refuses(token({}, { sign: () => Buffer.concat([order, zero]) }), 'ID_TOKEN_SIGNATURE_INVALID');
      },
      { keys: [sharedKey('ES256')] },
    ));
});
