import { createHash } from 'node:crypto';
import { signingKeyOf } from '../../../support/rogue-issuer.ts';
import { fails, onStage, sharedKey } from '../fixture.ts';

describe('ID token attack: RSA exponent 1', () => {
  it('does not use a key under which everybody can sign', () =>
    onStage(
      async ({ token, verify }) => {
        // With e = 1 the padded hash is its own signature.
        const sign = (input: Buffer): Buffer => {
          const info = Buffer.from('3031300d060960864801650304020105000420', 'hex');
          const digest = Buffer.concat([info, createHash('sha256').update(input).digest()]);
          const filler = Buffer.alloc(256 - 3 - digest.length, 0xff);
          return Buffer.concat([Buffer.of(0, 1), filler, Buffer.of(0), digest]);
        };
        await fails(verify(token({}, { sign })), 'ISSUER_KEYS_UNAVAILABLE');
      },
      { keys: [signingKeyOf('RS256', sharedKey('RS256').privateKey, { e: 'AQ' })] },
    ));

  for (const [name, e] of [
    ['3', 'Aw'],
    ['an even number', 'AQAC'],
    ['more than 64 bits', 'AQAAAAAAAAAAAQ'],
  ] as const) {
    it(`does not use a key whose exponent is ${name}`, () =>
      onStage(
        async ({ token, verify }) => {
          await fails(verify(token()), 'ISSUER_KEYS_UNAVAILABLE');
        },
        { keys: [signingKeyOf('RS256', sharedKey('RS256').privateKey, { e })] },
      ));
  }
});
