import assert from 'node:assert/strict';
import { onStage } from '../fixture.ts';

describe('ID token attack: wrong authorized party', () => {
  for (const azp of ['', 7, null, ['app']]) {
    it(`refuses ${JSON.stringify(azp)} as a party`, () =>
      onStage(async ({ token, refuses }) => {
        await refuses(token({ azp }), 'ID_TOKEN_CLAIM_INVALID');
      }));
  }

  it('refuses a token with several audiences that was made for a party outside of them', () =>
    onStage(async ({ token, refuses }) => {
      await refuses(token({ aud: ['app', 'second'], azp: 'attacker' }), 'ID_TOKEN_AUDIENCE_MISMATCH');
    }));

  it('accepts a party among the audiences, and another party of a single audience', () =>
    onStage(async ({ token, verify }) => {
      assert.equal((await verify(token({ aud: ['app', 'second'], azp: 'second' })))['azp'], 'second');
      assert.equal((await verify(token({ aud: 'app', azp: 'phone' })))['azp'], 'phone');
    }));
});
