import assert from 'node:assert/strict';
import { newApiKey } from '../../../src/domain/authn/api-key.ts';

describe('newApiKey', () => {
  it('makes keys in Crockford’s alphabet, of about 52 characters, each another', () => {
    const keys = new Set(Array.from({ length: 500 }, newApiKey));
    assert.equal(keys.size, 500);
    for (const key of keys) {
      assert.match(key, /^[0-9a-hjkmnp-tv-z]+$/);
      assert.ok(key.length > 40 && key.length <= 56, key);
    }
  });
});
