import assert from 'node:assert/strict';
import { mintText, signatureOf } from '../../../support/rogue-issuer.ts';
import { onStage, shown } from '../fixture.ts';

describe('ID token attack: expired', () => {
  it('refuses a token from 60 s after its end', () =>
    onStage(async ({ clock, token, refuses }) => {
      const exp = Math.floor(clock.now() / 1_000) - 60;
      await refuses(token({ exp }), 'ID_TOKEN_EXPIRED');
    }));

  it('accepts a token up to 60 s after its end, as clocks differ', () =>
    onStage(async ({ clock, token, verify }) => {
      const exp = Math.floor(clock.now() / 1_000) - 59;
      assert.equal((await verify(token({ exp })))['exp'], exp);
    }));

  for (const exp of [undefined, null, '9999999999', true, [9999999999]]) {
    it(`refuses ${shown(exp)} as an end`, () =>
      onStage(async ({ token, refuses }) => {
        await refuses(token({ exp }), 'ID_TOKEN_CLAIM_INVALID');
      }));
  }

  it('refuses an end that is beyond all numbers', () =>
    onStage(async ({ claims, key, refuses }) => {
      const header = JSON.stringify({ alg: key.algorithm, kid: key.kid });
      const payload = JSON.stringify(claims({ exp: 0 })).replace('"exp":0', '"exp":1e999');
      await refuses(
        mintText(header, payload, (input) => signatureOf(key, input)),
        'ID_TOKEN_CLAIM_INVALID',
      );
    }));
});
