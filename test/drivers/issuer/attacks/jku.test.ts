import assert from 'node:assert/strict';
import { createSigningKey, mint, startRogueIssuer } from '../../../support/rogue-issuer.ts';
import { onStage } from '../fixture.ts';

describe('ID token attack: jku', () => {
  it('refuses a token under a key at an address that it names, and never calls there', () =>
    onStage(async ({ claims, key, refuses }) => {
      const attacker = createSigningKey('RS256', { kid: key.kid });
      const attackersSite = await startRogueIssuer({ keys: [attacker] });
      try {
        const header = { jku: `${attackersSite.url}/jwks` };
        await refuses(mint(attacker, claims(), { header }), 'ID_TOKEN_SIGNATURE_INVALID');
        assert.deepEqual(attackersSite.requests, []);
      } finally {
        await attackersSite.stop();
      }
    }));
});
