import { createSigningKey, mint } from '../../../support/rogue-issuer.ts';
import { onStage } from '../fixture.ts';

describe('ID token attack: embedded jwk', () => {
  it('refuses a token under a key that it brings along', () =>
    onStage(async ({ claims, refuses }) => {
      const attacker = createSigningKey('ES256');
      const token = mint(attacker, claims(), { header: { jwk: attacker.jwk } });
      await refuses(token, 'ID_TOKEN_KEY_UNKNOWN');
    }));

  it('refuses it also under the id of a key that the issuer publishes', () =>
    onStage(async ({ claims, key, refuses }) => {
      const attacker = createSigningKey('RS256');
      const token = mint(attacker, claims(), { header: { jwk: attacker.jwk, kid: key.kid } });
      await refuses(token, 'ID_TOKEN_SIGNATURE_INVALID');
    }));
});
