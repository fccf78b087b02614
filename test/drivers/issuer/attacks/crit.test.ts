import { onStage } from '../fixture.ts';

describe('ID token attack: crit', () => {
  for (const crit of [['exp'], ['http://example.com/x'], ['b64'], [], 'exp', null]) {
    it(`refuses a header with crit ${JSON.stringify(crit)}`, () =>
      onStage(async ({ token, refuses }) => {
        await refuses(token({}, { header: { crit, 'http://example.com/x': true } }), 'ID_TOKEN_MALFORMED');
      }));
  }
});
