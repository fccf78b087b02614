import assert from 'node:assert/strict';
import { mintText, signatureOf } from '../../../support/rogue-issuer.ts';
import { onStage } from '../fixture.ts';

describe('ID token attack: huge token', () => {
  it('refuses a token of 10 MB without a look at it or a call', () =>
    onStage(async ({ issuer, token, refuses }) => {
      await refuses(token({ padding: 'x'.repeat(10_000_000) }), 'ID_TOKEN_MALFORMED');
      await refuses(`${token()}${' '.repeat(10_000_000)}`, 'ID_TOKEN_MALFORMED');
      await refuses('.'.repeat(10_000_000), 'ID_TOKEN_MALFORMED');
      assert.deepEqual(issuer.requests, []);
    }));

  it('accepts 16 KiB by default, and as much as is allowed', () =>
    onStage(async ({ token, verify, refuses }) => {
      await verify(token({ padding: 'x'.repeat(11_000) }));
      await refuses(token({ padding: 'x'.repeat(13_000) }), 'ID_TOKEN_MALFORMED');
    }));

  it('accepts as much as it is set to', () =>
    onStage(
      async ({ token, verify }) => {
        await verify(token({ padding: 'x'.repeat(40_000) }));
      },
      { maxTokenBytes: 64 * 1_024 },
    ));

  it('survives nesting that fills the whole token', () =>
    onStage(async ({ key, refuses }) => {
      const header = JSON.stringify({ alg: key.algorithm, kid: key.kid });
      const payload = '['.repeat(11_000);
      await refuses(
        mintText(header, payload, (input) => signatureOf(key, input)),
        'ID_TOKEN_MALFORMED',
      );
    }));
});
