import { signingKeyOf } from '../../../support/rogue-issuer.ts';
import { fails, onStage, sharedKey } from '../fixture.ts';

describe('ID token attack: Ed25519 key of small order', () => {
  it('does not use a key under which everybody can sign', () => {
    // The neutral element: a signature of the same point and zero fits every message.
    const neutral = Buffer.concat([Buffer.of(1), Buffer.alloc(31)]);
    const forged = Buffer.concat([neutral, Buffer.alloc(32)]);
    return onStage(
      async ({ token, verify }) => {
        await fails(verify(token({}, { sign: () => forged })), 'ISSUER_KEYS_UNAVAILABLE');
      },
      { keys: [signingKeyOf('EdDSA', sharedKey('EdDSA').privateKey, { x: neutral.toString('base64url') })] },
    );
  });

  for (const point of [
    'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    '0000000000000000000000000000000000000000000000000000000000000080',
    '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
    'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
    'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  ]) {
    it(`does not use ${point.slice(0, 8)}…${point.slice(-2)}`, () =>
      onStage(
        async ({ token, verify }) => {
          await fails(verify(token()), 'ISSUER_KEYS_UNAVAILABLE');
        },
        {
          keys: [
            signingKeyOf('EdDSA', sharedKey('EdDSA').privateKey, {
              x: Buffer.from(point, 'hex').toString('base64url'),
            }),
          ],
        },
      ));
  }
});
