import assert from 'node:assert/strict';
import {
  identifierOf,
  lastElementOf,
  parentOf,
  pathIn,
  requireIdentifier,
} from '../../../src/domain/branches/names.ts';

describe('paths of branches', () => {
  it('mean the root as /, root and /root, and lose one slash at the front', () => {
    assert.deepEqual(['/', 'root', '/root', '/data', 'data/a', '//x'].map(identifierOf), [
      'root',
      'root',
      'root',
      'data',
      'data/a',
      '/x',
    ]);
  });

  it('have a parent and a last element', () => {
    assert.deepEqual(['data', 'data/a/b', 'root'].map(parentOf), ['/', 'data/a', '/']);
    assert.deepEqual(['data', 'data/a/b'].map(lastElementOf), ['data', 'b']);
  });

  it('of a name at the top are the name', () => {
    assert.deepEqual([pathIn('/', 'a'), pathIn('root', 'a'), pathIn('data', 'a')], ['a', 'a', 'data/a']);
  });

  it('have at most 15 elements and 950 characters', () => {
    requireIdentifier(`/${'d/'.repeat(14)}d/`);
    requireIdentifier('p'.repeat(950));
    assert.throws(() => {
      requireIdentifier(`${'d/'.repeat(15)}d`);
    }, /maximum depth of 15/);
    assert.throws(() => {
      requireIdentifier('p'.repeat(951));
    }, /maximum length of 950/);
  });
});
