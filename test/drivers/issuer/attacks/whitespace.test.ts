import assert from 'node:assert/strict';
import { onStage } from '../fixture.ts';

describe('ID token attack: white space', () => {
  for (const blank of [' ', '\t', '\n', '\r\n', '\u00a0', '\0']) {
    it(`refuses ${JSON.stringify(blank)} inside of a token`, () =>
      onStage(async ({ token, refuses }) => {
        const good = token();
        const [header = '', payload = '', signature = ''] = good.split('.');
        await refuses(`${header}${blank}.${payload}.${signature}`, 'ID_TOKEN_MALFORMED');
        await refuses(`${header}.${blank}${payload}.${signature}`, 'ID_TOKEN_MALFORMED');
        await refuses(`${header}.${payload}.${blank}${signature}`, 'ID_TOKEN_MALFORMED');
        await refuses(`${good.slice(0, -9)}${blank}${good.slice(-9)}`, 'ID_TOKEN_MALFORMED');
      }));
  }

  it('accepts ASCII white space around a token, which shells and files add', () =>
    onStage(async ({ token, verify }) => {
      assert.equal((await verify(` \t${token()}\r\n`))['sub'], 'alice');
    }));

  it('refuses other white space around a token', () =>
    onStage(async ({ token, refuses }) => {
      await refuses(`${token()}\u00a0`, 'ID_TOKEN_MALFORMED');
      await refuses(`\ufeff${token()}`, 'ID_TOKEN_MALFORMED');
    }));
});
