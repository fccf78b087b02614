import { randomBytes } from 'node:crypto';
import { createSigningKey, mint } from '../../../support/rogue-issuer.ts';
import { onStage } from '../fixture.ts';

describe('ID token attack: many keys under one id', () => {
  const same = (): ReturnType<typeof createSigningKey> => createSigningKey('ES256', { kid: 'same' });

  it('accepts a token under any of four keys that share an id', () => {
    const keys = [same(), same(), same(), same()];
    return onStage(
      async ({ claims, verify }) => {
        for (const key of keys) await verify(mint(key, claims()));
      },
      { keys },
    );
  });

  it('refuses a token for which more keys would have to be tried, as each takes time', () => {
    const keys = [same(), same(), same(), same(), same()];
    return onStage(
      async ({ claims, refuses }) => {
        for (const key of keys) await refuses(mint(key, claims()), 'ID_TOKEN_KEY_UNKNOWN');
      },
      { keys },
    );
  });

  it('counts keys of that id which fit the algorithm only', () => {
    const key = same();
    const others = Array.from({ length: 9 }, () => ({
      ...key,
      jwk: {
        kid: 'same',
        kty: 'RSA',
        n: randomBytes(256).fill(255, 0, 1).fill(1, 255).toString('base64url'),
        e: 'AQAB',
      },
    }));
    return onStage(
      async ({ claims, verify }) => {
        await verify(mint(key, claims()));
      },
      { keys: [key, ...others] },
    );
  });
});
