import assert from 'node:assert/strict';
import fc from 'fast-check';
import { storedResourceId } from '../../../src/domain/ids.ts';
import { descendantsOf } from '../../../src/domain/policy/descendants.ts';
import { AccessGraph } from '../../../src/domain/rbac/graph.ts';
import { ReferenceGraph } from '../../support/reference-graph.ts';
import { admin } from './plan-world.ts';
import { assertProperty } from '../../support/property.ts';

const put = (graph: AccessGraph | ReferenceGraph, id: string): void => {
  graph.put({ table: 'resource', resource: storedResourceId(id), owner: admin, createdAt: 0 });
};

describe('descendantsOf', () => {
  it('finds resources of every kind below the policy, and nothing beside it', () => {
    const graph = new AccessGraph();
    const below = ['acct:variable:a/b/c', 'acct:policy:a/b/d', 'acct:host:a/b/d/e', 'acct:lamp:a/b/:x'];
    const others = [
      'acct:policy:a/b',
      'acct:layer:a/b',
      'acct:variable:a/bc',
      'acct:variable:a',
      'acct:user:bob@a-b',
      'acct:variable:x/a/b/c',
      'acct:variable:x:a/b/c',
      'other:variable:a/b/c',
      'acct2:variable:a/b/c',
      'acct:webservice:A/b/c',
    ];
    for (const id of [...below, ...others]) put(graph, id);
    assert.deepEqual(descendantsOf(graph, storedResourceId('acct:policy:a/b')).sort(), below.sort());
  });

  it('is about the root only what is literally below root/', () => {
    const graph = new AccessGraph();
    for (const id of ['acct:variable:v', 'acct:variable:root/v', 'acct:policy:root']) put(graph, id);
    assert.deepEqual(descendantsOf(graph, storedResourceId('acct:policy:root')), ['acct:variable:root/v']);
  });

  it('finds what the reference finds', () => {
    const part = fc.constantFrom('a', 'b', 'a/b', 'b/a', 'a:b', ':a/b');
    const id = fc
      .tuple(
        fc.constantFrom('acct', 'a'),
        fc.constantFrom('policy', 'a'),
        fc.array(part, { minLength: 1, maxLength: 3 }),
      )
      .map(([account, kind, parts]) => `${account}:${kind}:${parts.join('/')}`);
    assertProperty(
      fc.property(fc.array(id, { maxLength: 20 }), id, (ids, policy) => {
        const graph = new AccessGraph();
        const reference = new ReferenceGraph();
        for (const each of ids) {
          put(graph, each);
          put(reference, each);
        }
        const found = descendantsOf(graph, storedResourceId(policy));
        assert.deepEqual(found.sort(), reference.descendantsOf(storedResourceId(policy)).sort());
      }),
    );
  });
});
