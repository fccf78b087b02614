import assert from 'node:assert/strict';
import { effectivePolicy, sizeOf, worldOf } from './account.ts';
import { roleId } from '../policy/plan-world.ts';

/** The text without the line that begins the document. */
function written(text: string, policy?: string, depth?: number): readonly string[] {
  return effectivePolicy(worldOf(text), policy, depth).split('\n').slice(1, -1);
}

describe('the effective policy', () => {
  it('writes what has only an id on one line, and a policy always with its body', () => {
    assert.deepEqual(written('- !user u\n- !policy p\n- !variable v'), [
      '- !user u',
      '- !policy',
      '  id: p',
      '  body: []',
      '- !variable v',
    ]);
  });

  it('goes by the kinds of records, and by letters within each', () => {
    const kinds = written(
      '- !group b\n- !group a-c\n- !group ab\n- !host h\n- !layer l\n- !webservice w\n- !variable v\n- !user u\n' +
        '- !permit { role: !user u, privileges: [ b, a ], resource: !variable v }\n' +
        '- !grant { role: !group b, member: !user u }\n- !host-factory { id: f, layers: [ !layer l ] }',
    ).filter((line) => line.startsWith('- '));
    assert.deepEqual(kinds, [
      '- !user u',
      '- !variable v',
      '- !webservice w',
      '- !host h',
      '- !layer l',
      '- !host-factory',
      '- !group ab',
      '- !group a-c',
      '- !group b',
      '- !grant',
      '- !permit',
    ]);
  });

  it('leaves an owner out where it is the one by default, and names any other absolutely', () => {
    assert.deepEqual(
      written(
        '- !group g\n- !policy { id: p, body: [ !group h, !group { id: i, owner: !group h }, !group { id: j, owner: !user /admin } ] }',
        'p',
      ),
      [
        '- !policy',
        '  id: p',
        '  body:',
        '  - !group h',
        '  - !group',
        '    id: i',
        '    owner: !group /p/h',
        '  - !group',
        '    id: j',
        '    owner: !user /admin',
      ],
    );
  });

  it('makes attributes of what was kept as annotations of a variable, and never names its owner', () => {
    assert.deepEqual(
      written(
        '- !group g\n- !variable { id: v, owner: !group g, kind: "5", mime_type: text/plain, annotations: { b: yes, a: "010" } }',
      ),
      [
        '- !variable',
        '  id: v',
        "  kind: '5'",
        '  mime_type: text/plain',
        '  annotations:',
        "    a: '010'",
        "    b: 'true'",
        '- !group g',
      ],
    );
  });

  it('shows users in the policy that they are named after', () => {
    assert.deepEqual(
      written('- !policy { id: a/b, body: [ !user u, !user x@y ] }\n- !user { id: t/w }').slice(0, 6),
      ['- !user w@t', '- !policy', '  id: a/b', '  body:', '  - !user u', '  - !user x@y'],
    );
  });

  it('puts what has the id of a policy beside that policy', () => {
    assert.deepEqual(written('- !policy { id: p, body: [ !layer , !host h ] }'), [
      '- !policy',
      '  id: p',
      '  body:',
      '  - !host h',
      '- !layer',
      '  id: p',
      '  owner: !policy /p',
    ]);
  });

  it('names a layer that has the id of the policy by a blank', () => {
    assert.ok(
      written(
        '- !policy { id: p, body: [ !layer , !host-factory { id: f, layers: [ !layer "" ] } ] }',
      ).includes("    layers: [!layer '']"),
    );
  });

  it('puts a host factory where its layers can be named', () => {
    const lines = written('- !layer l\n- !policy p\n- !host-factory { id: p/f, layers: [ !layer l ] }');
    assert.ok(lines.includes('  id: p/f'), lines.join('\n'));
    assert.ok(lines.includes('  layers: [!layer l]'));
  });

  it('keeps a host factory without layers loadable', () => {
    assert.deepEqual(written('- !host-factory { id: f, layers: [] }'), [
      '- !host-factory',
      '  id: f',
      '  layers: []',
    ]);
  });

  it('leaves out generic kinds, public keys, and what is granted to or by them', () => {
    assert.deepEqual(
      written(`
- !user { id: u, public_keys: [ a b c ] }
- !role { kind: robot, id: r }
- !resource { kind: lamp, id: l }
- !permit { role: !role { kind: robot, id: r }, privilege: x, resource: !resource { kind: lamp, id: l } }
- !permit { role: !role { kind: robot, id: r }, privilege: x, resource: !user u }
- !grant { role: !role { kind: robot, id: r }, member: !user u }
`),
      ['- !user u'],
    );
  });

  it('counts depth in slashes, with one more for users', () => {
    const text =
      '- !policy { id: a, body: [ !user u, !policy { id: b, body: [ !user w, !variable c/d ] } ] }';
    assert.deepEqual(written(text, 'root', 0), ['- !policy', '  id: a', '  body:', '  - !user u']);
    assert.equal(written(text, 'a', 1).includes('    - !user w'), true);
    assert.equal(written(text, 'a', 2).join().includes('c/d'), false);
    assert.equal(written(text, 'a', 3).join().includes('c/d'), true);
  });

  it('counts resources but users, annotations and permissions', () => {
    const world = worldOf(
      '- !user u\n- !variable { id: v, annotations: { a: b, c: d } }\n- !permit { role: !user u, privileges: [ x, y ], resource: !variable v }',
    );
    // The root policy, the variable, two annotations and two permissions.
    assert.equal(sizeOf(world), 6);
  });

  it('shows only what the role may see', () => {
    const world = worldOf(
      '- !user eve\n- !policy { id: p, owner: !user eve, body: [ !variable mine ] }\n- !variable other',
    );
    assert.equal(
      effectivePolicy(world, 'p', 64, roleId('user:eve')),
      '---\n- !policy\n  id: p\n  owner: !user /eve\n  body:\n  - !variable mine\n',
    );
  });
});
