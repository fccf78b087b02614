import { onStage } from '../fixture.ts';

describe('ID token attack: unknown kid', () => {
  it('refuses a token under a key that the issuer does not publish', () =>
    onStage(async ({ token, refuses }) => {
      await refuses(token({}, { header: { kid: 'another' } }), 'ID_TOKEN_KEY_UNKNOWN');
    }));

  for (const kid of [
    '../../../../dev/null',
    "' OR 1=1 --",
    'http://127.0.0.1/jwks',
    '__proto__',
    'constructor',
  ]) {
    it(`takes the key id ${kid} for a name and nothing else`, () =>
      onStage(async ({ token, refuses }) => {
        await refuses(token({}, { header: { kid } }), 'ID_TOKEN_KEY_UNKNOWN');
      }));
  }

  for (const kid of ['', 7, null, ['a'], { a: 1 }, 'k'.repeat(1_025)]) {
    it(`refuses ${JSON.stringify(kid).slice(0, 20)} as a key id`, () =>
      onStage(async ({ token, refuses }) => {
        await refuses(token({}, { header: { kid } }), 'ID_TOKEN_MALFORMED');
      }));
  }
});
