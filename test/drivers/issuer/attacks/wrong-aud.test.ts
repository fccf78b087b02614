import assert from 'node:assert/strict';
import { onStage, shown } from '../fixture.ts';

describe('ID token attack: wrong audience', () => {
  for (const aud of ['another', ['another', 'third'], [], '', 'APP', 'app ']) {
    it(`refuses the audience ${JSON.stringify(aud)}`, () =>
      onStage(async ({ token, refuses }) => {
        await refuses(token({ aud }), 'ID_TOKEN_AUDIENCE_MISMATCH');
      }));
  }

  for (const aud of [undefined, null, 7, { app: true }, ['app', 7], [['app']]]) {
    it(`refuses ${shown(aud)} as an audience`, () =>
      onStage(async ({ token, refuses }) => {
        await refuses(token({ aud }), 'ID_TOKEN_CLAIM_INVALID');
      }));
  }

  for (const aud of ['app', ['app'], ['another', 'app']]) {
    it(`accepts the audience ${JSON.stringify(aud)}`, () =>
      onStage(async ({ token, verify }) => {
        assert.deepEqual((await verify(token({ aud })))['aud'], aud);
      }));
  }

  it('accepts any of several configured audiences', () =>
    onStage(async ({ token, verify }) => {
      await verify(token({ aud: 'second' }), { audiences: ['app', 'second'] });
    }));

  it('accepts no audience at all where the list of accepted ones is empty', () =>
    onStage(async ({ token, refuses }) => {
      await refuses(token(), 'ID_TOKEN_AUDIENCE_MISMATCH', { audiences: [] });
    }));
});
