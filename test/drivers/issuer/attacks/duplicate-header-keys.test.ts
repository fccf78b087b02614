import { mintText, signatureOf } from '../../../support/rogue-issuer.ts';
import { onStage } from '../fixture.ts';

describe('ID token attack: duplicate members', () => {
  for (const [name, member] of [
    ['alg', '"alg":"none"'],
    ['kid', '"kid":"another"'],
    ['alg, spelled with an escape', '"\\u0061lg":"none"'],
    ['a member without meaning', '"a":1,"a":1'],
    ['__proto__', '"__proto__":1,"__proto__":2'],
  ] as const) {
    it(`refuses a header with twice ${name}`, () =>
      onStage(async ({ claims, key, refuses }) => {
        const header = `{${member},"alg":"${key.algorithm}","kid":"${key.kid}"}`;
        const token = mintText(header, JSON.stringify(claims()), (input) => signatureOf(key, input));
        await refuses(token, 'ID_TOKEN_MALFORMED');
      }));
  }

  it('refuses a payload with a claim twice', () =>
    onStage(async ({ claims, key, refuses }) => {
      const header = JSON.stringify({ alg: key.algorithm, kid: key.kid });
      const payload = JSON.stringify(claims()).replace('{', '{"sub":"bob",');
      await refuses(
        mintText(header, payload, (input) => signatureOf(key, input)),
        'ID_TOKEN_MALFORMED',
      );
    }));

  it('accepts names that repeat at deeper levels and inside of texts', () =>
    onStage(async ({ token, verify }) => {
      await verify(
        token({
          a: { sub: 1, b: { sub: 2 } },
          c: [{ sub: 3 }, { sub: 4 }],
          d: '","sub":"x\\',
          '"e:{[': '}]"',
        }),
      );
    }));
});
