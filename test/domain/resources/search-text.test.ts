import assert from 'node:assert/strict';
import fc from 'fast-check';
import { roleOf, toResourceId } from '../../../src/domain/ids.ts';
import { AccessGraph } from '../../../src/domain/rbac/graph.ts';
import { findAmong, searchTerms } from '../../../src/domain/resources/search-text.ts';
import { assertProperty } from '../../support/property.ts';

const graph = new AccessGraph();

async function finds(identifier: string, search: string): Promise<boolean> {
  const resource = toResourceId('acct', 'group', identifier);
  return (await findAmong(graph, [resource], searchTerms(search))).includes(resource);
}

describe('a full-text search', () => {
  it('finds every word by itself, so that nothing is lost by looking at beginnings first', async () => {
    const part = fc.constantFrom(
      ...'a e i o u y b c d f g l m n p r s t v x ing ed s es ies ly ational ization iveness biliti fulness ousli y'.split(
        ' ',
      ),
    );
    const word = fc.array(part, { minLength: 1, maxLength: 6 }).map((parts) => parts.join(''));
    await assertProperty(
      fc.asyncProperty(word, async (text) => {
        // Only stop words have no term.
        if (searchTerms(text).length > 0) assert.ok(await finds(text, text), text);
      }),
      { numRuns: 2_000 },
    );
  });

  for (const [word, search] of [
    ['dying', 'die'],
    ['lies', 'lying'],
    ['skies', 'sky'],
    ['gently', 'gentle'],
    ['possibilities', 'possible'],
    ['relational', 'relate'],
    ['policies', 'policy'],
    ['connections', 'connected'],
  ] as const) {
    it(`finds ${word} for ${search}`, async () => {
      assert.ok(await finds(word, search));
    });
  }

  it('takes names that objects inherit for the words that they are', async () => {
    for (const word of ['constructor', 'prototype', 'hasownproperty', 'tostring']) {
      assert.ok(await finds(`a/${word}`, word), word);
      assert.ok(!(await finds('a/b', word)), word);
    }
  });

  it('is not slowed down by a long word', async () => {
    const long = 'ational'.repeat(140);
    assert.ok(await finds(long.slice(0, 900), long.slice(0, 900)));
  });

  it('gives others their turns while it looks through long annotations', async () => {
    const notes = new AccessGraph();
    const policy = toResourceId('acct', 'policy', 'root');
    const value = 'some words again and again '.repeat(600);
    const absent = Array.from({ length: 150 }, (_, index) => `q${String(index)}`).join(' ');
    const resource = toResourceId('acct', 'variable', 'noted');
    notes.put({ table: 'resource', resource, owner: roleOf(policy), createdAt: 0 });
    for (let index = 0; index < 100; index += 1) {
      notes.put({ table: 'annotation', resource, name: `note-${String(index)}`, value });
    }
    let turns = 0;
    let running = true;
    const count = (): void => {
      turns += 1;
      if (running) setImmediate(count);
    };
    setImmediate(count);
    const found = await findAmong(notes, [resource], searchTerms(absent));
    running = false;
    assert.deepEqual(found, []);
    assert.ok(turns >= 2, `${String(turns)} turns`);
  });

  it('keeps the order of what it looks through, over many turns', async () => {
    const resources = Array.from({ length: 12_000 }, (_, index) =>
      toResourceId('acct', 'group', index % 1_000 === 0 ? `target/${String(index)}` : `x/${String(index)}`),
    );
    const found = await findAmong(graph, resources, searchTerms('targets'));
    assert.deepEqual(
      found,
      resources.filter((resource) => resource.includes('target')),
    );
  });
});
