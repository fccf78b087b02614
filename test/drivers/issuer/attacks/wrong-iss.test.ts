import { onStage, shown } from '../fixture.ts';

describe('ID token attack: wrong issuer', () => {
  for (const iss of ['https://attacker.example', '', 'http://127.0.0.1']) {
    it(`refuses the issuer ${JSON.stringify(iss)}`, () =>
      onStage(async ({ token, refuses }) => {
        await refuses(token({ iss }), 'ID_TOKEN_ISSUER_MISMATCH');
      }));
  }

  for (const iss of [undefined, null, 7, ['http://127.0.0.1']]) {
    it(`refuses ${shown(iss)} as an issuer`, () =>
      onStage(async ({ token, refuses }) => {
        await refuses(token({ iss }), 'ID_TOKEN_CLAIM_INVALID');
      }));
  }

  it('refuses an issuer that differs by a slash from what the issuer calls itself', () =>
    onStage(async ({ issuer, token, refuses }) => {
      await refuses(token({ iss: `${issuer.url}/` }), 'ID_TOKEN_ISSUER_MISMATCH');
    }));
});
