import assert from 'node:assert/strict';
import { storedResourceId } from '../../../src/domain/ids.ts';
import { decide, grantPath, visible } from '../../../src/domain/rbac/check.ts';
import { AccessGraph } from '../../../src/domain/rbac/graph.ts';
import { permittedRoles } from '../../../src/domain/rbac/permitted-roles.ts';
import type { GraphRow } from '../../../src/domain/records/rows.ts';
import { member, permit, resource, resourceRow, role, roleRow } from './rows.ts';

function graphOf(...rows: readonly GraphRow[]): AccessGraph {
  const graph = new AccessGraph();
  for (const row of rows) graph.put(row);
  return graph;
}

const v = resource('variable:v');
const base = [
  ...['user:admin', 'user:ann', 'user:eve', 'group:team', 'group:ops', 'policy:p'].map(roleRow),
  resourceRow('variable:v', 'policy:p'),
  member('policy:p', 'user:admin', { ownership: true, admin: true }),
  member('group:team', 'user:ann'),
  member('group:ops', 'group:team'),
  permit('group:ops', 'read', 'variable:v'),
];

describe('decide (I7)', () => {
  it('names the held role that has the privilege', () => {
    assert.deepEqual(decide(graphOf(...base), role('user:ann'), 'read', v), {
      allowed: true,
      through: 'permission',
      holder: role('group:ops'),
    });
  });

  it('gives the owner, and who holds it, every privilege', () => {
    for (const privilege of ['read', 'update', 'never-heard-of', '']) {
      assert.deepEqual(decide(graphOf(...base), role('user:admin'), privilege, v), {
        allowed: true,
        through: 'ownership',
        holder: role('policy:p'),
      });
    }
  });

  it('refuses another privilege than the one given, on what is visible', () => {
    const decision = decide(graphOf(...base), role('user:ann'), 'execute', v);
    assert.deepEqual(decision, { allowed: false, reason: 'privilege_missing' });
  });

  it('takes a privilege by its exact text', () => {
    const graph = graphOf(...base, permit('user:eve', 'read, execute', 'variable:v'));
    assert.equal(decide(graph, role('user:eve'), 'read', v).allowed, false);
    assert.equal(decide(graph, role('user:eve'), 'read, execute', v).allowed, true);
  });

  it('tells what is invisible from what is missing', () => {
    const graph = graphOf(...base);
    assert.deepEqual(decide(graph, role('user:eve'), 'read', v), { allowed: false, reason: 'invisible' });
    assert.deepEqual(decide(graph, role('user:eve'), 'read', resource('variable:none')), {
      allowed: false,
      reason: 'resource_missing',
    });
    assert.deepEqual(decide(graph, role('user:none'), 'read', v), { allowed: false, reason: 'role_missing' });
    assert.deepEqual(decide(graph, role('user:none'), 'read', resource('variable:none')), {
      allowed: false,
      reason: 'role_missing',
    });
  });

  it('passes privileges from a role to its members, never back', () => {
    const graph = graphOf(...base, permit('user:ann', 'update', 'variable:v'));
    assert.equal(decide(graph, role('user:ann'), 'update', v).allowed, true);
    assert.equal(decide(graph, role('group:team'), 'update', v).allowed, false);
    assert.equal(decide(graph, role('group:team'), 'read', v).allowed, true);
  });

  it('does not care for the admin option', () => {
    const graph = graphOf(...base, member('policy:p', 'user:eve', { admin: false }));
    assert.equal(decide(graph, role('user:eve'), 'update', v).allowed, true);
  });

  it('survives circles of memberships and roles that hold themselves', () => {
    const graph = graphOf(...base, member('group:team', 'group:ops'), member('user:ann', 'user:ann'));
    assert.equal(decide(graph, role('group:ops'), 'read', v).allowed, true);
    assert.equal(decide(graph, role('user:eve'), 'read', v).allowed, false);
  });

  it('refuses a resource of another account without a row, whatever was permitted on it', () => {
    const foreign = storedResourceId('other:variable:v');
    const graph = graphOf(...base, {
      table: 'permission',
      resource: foreign,
      role: role('user:ann'),
      privilege: 'read',
    });
    assert.deepEqual(decide(graph, role('user:ann'), 'read', foreign), {
      allowed: false,
      reason: 'resource_missing',
    });
    graph.put({ table: 'resource', resource: foreign, owner: role('user:admin'), createdAt: 1 });
    assert.equal(decide(graph, role('user:ann'), 'read', foreign).allowed, true);
  });
});

describe('visible', () => {
  it('asks for ownership or any privilege', () => {
    const graph = graphOf(...base);
    assert.equal(visible(graph, role('user:admin'), v), true);
    assert.equal(visible(graph, role('user:ann'), v), true);
    assert.equal(visible(graph, role('user:eve'), v), false);
    assert.equal(visible(graph, role('user:ann'), resource('variable:none')), false);
  });
});

describe('grantPath', () => {
  it('leads from the role to the holder by the shortest way', () => {
    const graph = graphOf(...base, member('group:detour', 'user:ann'), member('group:team', 'group:detour'));
    assert.deepEqual(grantPath(graph, role('user:ann'), role('group:ops')), [
      role('user:ann'),
      role('group:team'),
      role('group:ops'),
    ]);
  });

  it('is the role alone for the role itself, and empty where nothing is held', () => {
    const graph = graphOf(...base);
    assert.deepEqual(grantPath(graph, role('user:ann'), role('user:ann')), [role('user:ann')]);
    assert.deepEqual(grantPath(graph, role('group:ops'), role('user:ann')), []);
    assert.deepEqual(grantPath(graph, role('user:none'), role('user:none')), []);
  });
});

describe('permittedRoles', () => {
  it('lists owners, whoever was permitted, and all who hold those', () => {
    const expected = ['group:ops', 'group:team', 'policy:p', 'user:admin', 'user:ann'].map(role);
    assert.deepEqual(permittedRoles(graphOf(...base), 'read', v).sort(), expected);
    assert.deepEqual(
      permittedRoles(graphOf(...base), 'update', v).sort(),
      ['policy:p', 'user:admin'].map(role),
    );
    assert.deepEqual(permittedRoles(graphOf(...base), 'read', resource('variable:none')), []);
  });
});
