import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Closures } from '../../../src/domain/rbac/closures.ts';
import { Links } from '../../../src/domain/rbac/links.ts';
import { assertProperty } from '../../support/property.ts';

function reachable(links: Links, start: number): number[] {
  const found = new Set([start]);
  for (const node of found) for (const { from } of links.to(node)) found.add(from);
  return [...found].sort((one, other) => one - other);
}

/** Adds the membership, or removes it if it is there. */
function toggle(links: Links, closures: Closures, role: number, member: number): void {
  const index = links.find(role, member, 0);
  if (index === -1) links.add(role, member, 0, 0);
  else links.delete(role, index);
  closures.note(role, member, index === -1);
}

function closureOf(closures: Closures, node: number): number[] {
  return [...closures.of(node)].sort((one, other) => one - other);
}

describe('Closures', () => {
  const node = fc.nat(12);

  for (const cellLimit of [0, 300, 1_000_000]) {
    it(`follow every change when they may take ${cellLimit} cells`, () => {
      assertProperty(
        fc.property(
          fc.array(fc.tuple(node, node, fc.array(node, { maxLength: 3 })), { maxLength: 80 }),
          (steps) => {
            const links = new Links(-1);
            const closures = new Closures(links, cellLimit);
            for (const [role, member, asked] of steps) {
              toggle(links, closures, role, member);
              for (const each of asked) assert.deepEqual(closureOf(closures, each), reachable(links, each));
            }
            for (let each = 0; each <= 12; each++) {
              assert.deepEqual(closureOf(closures, each), reachable(links, each));
            }
          },
        ),
      );
    });
  }

  it('are kept as long as no change touches them', () => {
    const links = new Links(-1);
    const closures = new Closures(links, 1_000);
    toggle(links, closures, 1, 0);
    const kept = closures.of(0);
    toggle(links, closures, 3, 2);
    assert.equal(closures.of(0), kept);
    toggle(links, closures, 4, 1);
    assert.deepEqual([...closures.of(0)].sort(), [0, 1, 4]);
    toggle(links, closures, 4, 1);
    assert.notEqual(closures.of(0), kept);
  });

  it('are right after more changes than are worth following one by one', () => {
    const links = new Links(-1);
    const closures = new Closures(links, 1_000_000);
    for (let each = 0; each < 100; each++) closures.of(each);
    for (let role = 1; role <= 6_000; role++) toggle(links, closures, role, role - 1);
    assert.equal(closures.of(0).size, 6_001);
    assert.equal(closures.of(5_990).size, 11);
  });

  it('reach to the end of a chain of any length, and around a circle', () => {
    const links = new Links(-1);
    const closures = new Closures(links, 1_000_000);
    const length = 200_000;
    for (let role = 1; role < length; role++) links.add(role, role - 1, 0, 0);
    links.add(0, length - 1, 0, 0);
    assert.equal(closures.of(0).size, length);
    assert.equal(closures.of(length - 1).size, length);
  });
});
