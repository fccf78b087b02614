import assert from 'node:assert/strict';
import {
  folderOf,
  readAudiences,
  readDescription,
  readName,
  readNumber,
  readRedirectUris,
  readScopes,
  readSwitch,
  readTags,
} from '../../../../src/domain/provider/akeyless/fields.ts';

const invalid = { code: 'REGISTRY_FIELD_INVALID' };

describe('the fields of an app', () => {
  it('have a name of folders and a last part', () => {
    assert.equal(readName('/a/b/My App'), 'a/b/My App');
    assert.equal(readName('ä'.repeat(256)), 'ä'.repeat(256));
    assert.deepEqual(['a/b/c', 'c'].map(folderOf), ['a/b', '']);
    for (const name of ['//a', 'a//b', '..', 'a/.', 'ä'.repeat(257), '\u{d800}', undefined, null, {}]) {
      assert.throws(() => readName(name), invalid);
    }
  });

  it('have lists as text or JSON', () => {
    assert.deepEqual(readScopes(' a , b,,a'), ['a', 'b']);
    assert.deepEqual(readScopes(['a', 'b', 'a']), ['a', 'b']);
    assert.deepEqual(readScopes(''), []);
    assert.throws(() => readScopes([['a']]), invalid);
    assert.throws(() => readScopes('ü'), invalid);
    assert.deepEqual(readAudiences('https://api.example/x, urn:y'), ['https://api.example/x', 'urn:y']);
    assert.throws(() => readAudiences('x'.repeat(501)), invalid);
    assert.throws(() => readTags('a\tb', 'tags'), invalid);
  });

  it('have redirect URIs exactly as they were given', () => {
    const uris = ['https://a.example/%7Ex', 'HTTPS://A.example', 'com.example.app:/x', 'http://127.9.9.9:1/'];
    assert.deepEqual(readRedirectUris(uris), uris);
    for (const uri of [
      'http://127.0.0.1.evil.example/',
      'http://localhost.evil.example/',
      'data:text/html,x',
      'x:y',
      'https://',
    ]) {
      assert.throws(() => readRedirectUris(uri), invalid, uri);
    }
  });

  it('have switches as booleans or text', () => {
    assert.deepEqual(
      [true, false, 'true', ' False ', ''].map((value) => readSwitch(value, 'x')),
      [true, false, true, false, false],
    );
    for (const value of ['yes', 1, undefined, {}]) assert.throws(() => readSwitch(value, 'x'), invalid);
  });

  it('have numbers within limits, and descriptions of several lines', () => {
    assert.equal(readNumber(5, 'x', 5, 5), 5);
    for (const value of [4, 6, 5.5, '5', Number.NaN])
      assert.throws(() => readNumber(value, 'x', 5, 5), invalid);
    assert.equal(readDescription('a\nb\tc'), 'a\nb\tc');
    for (const text of ['a\u0000', 'x'.repeat(1_001)]) assert.throws(() => readDescription(text), invalid);
  });
});
