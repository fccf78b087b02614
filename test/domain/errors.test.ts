import assert from 'node:assert/strict';
import { catalogue, LatchkeyError } from '../../src/domain/errors.ts';

describe('LatchkeyError', () => {
  it('has a text in the catalogue for every code', () => {
    for (const [code, { text }] of Object.entries(catalogue)) {
      assert.match(code, /^[A-Z][A-Z_]+$/);
      assert.ok(text.length > 0, code);
    }
  });

  it('says the detail, or else the text of its code', () => {
    assert.equal(new LatchkeyError('SECRET_EMPTY').message, catalogue.SECRET_EMPTY.text);
    const error = new LatchkeyError('AUTHENTICATION_ROLE_NOT_FOUND', { detail: "'bob' not found" });
    assert.equal(error.message, "'bob' not found");
    assert.equal(error.conjurText, "CONJ00007E 'bob' not found");
    assert.equal(error.kind, 'unauthenticated');
  });
});
