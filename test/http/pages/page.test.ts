import assert from 'node:assert/strict';
import { formTargetOf } from '../../../src/http/pages/page.ts';

describe('where a form may lead', () => {
  for (const [redirectUri, expected] of [
    ['https://app.example/callback?x=1', ['https://app.example']],
    ['http://127.0.0.1:8080/callback', ['http://127.0.0.1:8080']],
    ['http://[::1]:8080/callback', ['http://[::1]:8080']],
    ['com.example.app:/callback', ['com.example.app:']],
    ['https://app.example;script-src *', []],
    ["https://app.example'", []],
    ['not a URL', []],
    [undefined, []],
  ] as const) {
    it(`is ${expected.join() || 'nowhere else'} for ${String(redirectUri)}`, () => {
      assert.deepEqual(formTargetOf(redirectUri), expected);
    });
  }
});
