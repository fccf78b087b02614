import assert from 'node:assert/strict';
import { onStage } from '../fixture.ts';

describe('ID token attack: iat in the future', () => {
  it('refuses a token from more than 60 s in the future', () =>
    onStage(async ({ clock, token, refuses }) => {
      const now = Math.floor(clock.now() / 1_000);
      await refuses(token({ iat: now + 61 }), 'ID_TOKEN_NOT_YET_VALID');
    }));

  it('accepts a token from up to 60 s in the future, as clocks differ', () =>
    onStage(async ({ clock, token, verify }) => {
      const now = Math.floor(clock.now() / 1_000);
      assert.equal((await verify(token({ iat: now + 60 })))['iat'], now + 60);
    }));

  for (const iat of ['0', null, true, {}]) {
    it(`refuses ${JSON.stringify(iat)} as a time`, () =>
      onStage(async ({ token, refuses }) => {
        await refuses(token({ iat }), 'ID_TOKEN_CLAIM_INVALID');
      }));
  }

  it('accepts a token without it', () =>
    onStage(async ({ token, verify }) => {
      assert.equal('iat' in (await verify(token({ iat: undefined }))), false);
    }));
});
