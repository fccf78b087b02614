import assert from 'node:assert/strict';
import { onStage } from '../fixture.ts';

describe('ID token attack: nbf in the future', () => {
  it('refuses a token from more than 60 s in the future', () =>
    onStage(async ({ clock, token, refuses }) => {
      const now = Math.floor(clock.now() / 1_000);
      await refuses(token({ nbf: now + 61 }), 'ID_TOKEN_NOT_YET_VALID');
    }));

  it('accepts a token from up to 60 s in the future, as clocks differ', () =>
    onStage(async ({ clock, token, verify }) => {
      const now = Math.floor(clock.now() / 1_000);
      assert.equal((await verify(token({ nbf: now + 60 })))['nbf'], now + 60);
    }));

  for (const nbf of ['0', null, true, {}]) {
    it(`refuses ${JSON.stringify(nbf)} as a time`, () =>
      onStage(async ({ token, refuses }) => {
        await refuses(token({ nbf }), 'ID_TOKEN_CLAIM_INVALID');
      }));
  }

  it('accepts a token without it', () =>
    onStage(async ({ token, verify }) => {
      assert.equal('nbf' in (await verify(token({ nbf: undefined }))), false);
    }));
});
