import assert from 'node:assert/strict';
import { onStage } from '../fixture.ts';

describe('ID token attack: another type of token', () => {
  for (const typ of [
    'at+jwt',
    'application/at+jwt',
    'logout+jwt',
    'secevent+jwt',
    'dpop+jwt',
    '',
    7,
    null,
    ['JWT'],
  ]) {
    it(`refuses the type ${JSON.stringify(typ)}`, () =>
      onStage(async ({ token, refuses }) => {
        await refuses(token({}, { header: { typ } }), 'ID_TOKEN_MALFORMED');
      }));
  }

  for (const typ of ['JWT', 'jwt', 'application/jwt', undefined]) {
    it(`accepts ${typ === undefined ? 'no type' : `the type ${typ}`}`, () =>
      onStage(async ({ token, verify }) => {
        assert.equal((await verify(token({}, { header: { typ } })))['sub'], 'alice');
      }));
  }
});
