import assert from 'node:assert/strict';
import { compactFormOf } from '../../../../src/domain/authn/oidc/presented-token.ts';
import { isFailure } from '../../../../src/domain/errors.ts';

const compact = 'eyJhIjoxfQ.eyJiIjoyfQ.c2ln';

describe('compactFormOf', () => {
  it('takes the compact form as it is', () => {
    assert.equal(compactFormOf(compact), compact);
    assert.equal(compactFormOf(` ${compact}\n`), compact);
  });

  it('takes it in base64 once more, in either alphabet, padded or not', () => {
    for (const encoding of ['base64', 'base64url'] as const) {
      const encoded = Buffer.from(compact).toString(encoding);
      assert.equal(compactFormOf(encoded), compact);
      assert.equal(compactFormOf(encoded.replaceAll('=', '')), compact);
    }
  });

  it('refuses base64 of anything else, also of base64', () => {
    const twice = Buffer.from(Buffer.from(compact).toString('base64')).toString('base64');
    for (const text of [twice, 'bm90IGEgdG9rZW4=', 'not base64!', '====']) {
      assert.throws(
        () => compactFormOf(text),
        (error) => isFailure(error, 'ID_TOKEN_MALFORMED'),
        text,
      );
    }
  });

  it('says that nothing was presented', () => {
    for (const text of [undefined, '', '  \n']) {
      assert.throws(
        () => compactFormOf(text),
        (error) => isFailure(error, 'REQUEST_FIELD_MISSING'),
      );
    }
  });
});
