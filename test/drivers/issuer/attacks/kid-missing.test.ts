import assert from 'node:assert/strict';
import { mint } from '../../../support/rogue-issuer.ts';
import { onStage, sharedKey } from '../fixture.ts';

describe('ID token attack: no kid', () => {
  it('accepts a token that names no key where exactly one key fits its algorithm', () =>
    onStage(
      async ({ claims, verify }) => {
        const token = mint(sharedKey('ES256'), claims(), { header: { kid: undefined } });
        assert.equal((await verify(token))['sub'], 'alice');
      },
      { keys: [sharedKey('RS256'), sharedKey('ES256')] },
    ));

  it('refuses a token that names no key where several fit', () =>
    onStage(
      async ({ claims, refuses }) => {
        const token = mint(sharedKey('ES256'), claims(), { header: { kid: undefined } });
        await refuses(token, 'ID_TOKEN_KEY_UNKNOWN');
      },
      {
        keys: [
          sharedKey('ES256'),
          { ...sharedKey('ES256'), jwk: { ...sharedKey('ES256').jwk, kid: 'second' } },
        ],
      },
    ));

  it('refuses a token that names no key where none fits', () =>
    onStage(async ({ claims, refuses }) => {
      await refuses(
        mint(sharedKey('ES256'), claims(), { header: { kid: undefined } }),
        'ID_TOKEN_KEY_UNKNOWN',
      );
    }));
});
