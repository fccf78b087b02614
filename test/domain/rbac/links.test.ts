import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Links, noLink, type Link } from '../../../src/domain/rbac/links.ts';
import { assertProperty } from '../../support/property.ts';

const nodes = 8;
const node = fc.nat(nodes - 1);
const step = fc.record({ from: node, to: node, label: fc.nat(7), remove: fc.boolean() });

const text = ({ from, to, label, policy }: Link): string => [from, to, label, policy].join(' ');
const listed = (links: Iterable<Link>): string[] => [...links].map(text).sort();

describe('Links', () => {
  it('keeps every link in the lists of both its nodes', () => {
    assertProperty(
      fc.property(fc.array(step, { maxLength: 1_500 }), (steps) => {
        const links = new Links(-1);
        const plain = new Map<string, Link>();
        for (const [index, { from, to, label, remove }] of steps.entries()) {
          const key = `${from} ${to} ${label}`;
          const found = links.find(from, to, label);
          assert.equal(found !== noLink, plain.has(key));
          if (found === noLink) {
            links.add(from, to, label, index);
            plain.set(key, { from, to, label, policy: index });
          } else if (remove) {
            links.delete(from, found);
            plain.delete(key);
          } else {
            links.relabel(from, found, label, index);
            plain.set(key, { from, to, label, policy: index });
          }
        }
        const all = [...plain.values()];
        for (let each = 0; each < nodes; each++) {
          assert.deepEqual(listed(links.from(each)), listed(all.filter(({ from }) => from === each)));
          assert.deepEqual(listed(links.to(each)), listed(all.filter(({ to }) => to === each)));
        }
      }),
      { numRuns: 40 },
    );
  });

  it('tells links apart by the masked bits of the label only', () => {
    const links = new Links(1);
    links.add(0, 1, 2, 9);
    assert.equal(links.find(0, 1, 0), 0);
    assert.equal(links.find(0, 1, 1), noLink);
    links.relabel(0, 0, 0, 9);
    assert.equal(links.get(0, 0).label, 0);
  });

  it('empties long lists from either end', () => {
    for (const order of [1, -1]) {
      const links = new Links(-1);
      const spokes = Array.from({ length: 1_000 }, (_, index) => index + 1);
      for (const spoke of spokes) links.add(0, spoke, 0, 0);
      for (const spoke of order === 1 ? spokes : spokes.toReversed())
        links.delete(0, links.find(0, spoke, 0));
      assert.equal([...links.to(1)].length, 0);
      assert.deepEqual([...links.from(0)], []);
    }
  });

  it('finds nothing at nodes that it never met', () => {
    const links = new Links(-1);
    links.add(0, 1, 0, 0);
    assert.equal(links.find(-1, 1, 0), noLink);
    assert.equal(links.find(0, -1, 0), noLink);
    assert.equal(links.find(900, 901, 0), noLink);
    assert.deepEqual([...links.from(-1), ...links.to(900)], []);
  });
});
