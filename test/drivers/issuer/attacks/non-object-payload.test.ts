import { mintText, signatureOf } from '../../../support/rogue-issuer.ts';
import { onStage } from '../fixture.ts';

describe('ID token attack: payload that is no object', () => {
  for (const payload of [
    '[]',
    '"text"',
    '7',
    'null',
    'true',
    '',
    '{',
    '{"a":1}x',
    "{'a':1}",
    '\ufeff{}',
    'alice',
  ]) {
    it(`refuses ${JSON.stringify(payload)} as a payload`, () =>
      onStage(async ({ key, refuses }) => {
        const header = JSON.stringify({ alg: key.algorithm, kid: key.kid });
        await refuses(
          mintText(header, payload, (input) => signatureOf(key, input)),
          'ID_TOKEN_MALFORMED',
        );
      }));
  }

  for (const header of ['[]', '"text"', '7', 'null', '', '{']) {
    it(`refuses ${JSON.stringify(header)} as a header`, () =>
      onStage(async ({ claims, key, refuses }) => {
        const token = mintText(header, JSON.stringify(claims()), (input) => signatureOf(key, input));
        await refuses(token, 'ID_TOKEN_MALFORMED');
      }));
  }

  it('refuses bytes that are not UTF-8', () =>
    onStage(async ({ key, refuses }) => {
      const header = JSON.stringify({ alg: key.algorithm, kid: key.kid });
      const payload = Buffer.from('{"sub":"\xff"}', 'latin1');
      await refuses(
        mintText(header, payload, (input) => signatureOf(key, input)),
        'ID_TOKEN_MALFORMED',
      );
    }));

  it('refuses a token inside of a token', () =>
    onStage(async ({ key, token, refuses }) => {
      const header = JSON.stringify({ alg: key.algorithm, kid: key.kid, cty: 'JWT' });
      await refuses(
        mintText(header, token(), (input) => signatureOf(key, input)),
        'ID_TOKEN_MALFORMED',
      );
    }));
});
