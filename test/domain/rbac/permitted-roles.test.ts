import assert from 'node:assert/strict';
import { toResourceId, toRoleId } from '../../../src/domain/ids.ts';
import { AccessGraph } from '../../../src/domain/rbac/graph.ts';
import { permittedRoles } from '../../../src/domain/rbac/permitted-roles.ts';

const group = (index: number) => toRoleId('acct', 'group', `g${String(index)}`);
const variable = toResourceId('acct', 'variable', 'v');

/** Groups of which each holds the one before, all of them permitted. */
function chain(length: number): AccessGraph {
  const graph = new AccessGraph();
  const owner = toRoleId('acct', 'user', 'owner');
  graph.put({ table: 'role', role: owner, createdAt: 0 });
  graph.put({ table: 'resource', resource: variable, owner, createdAt: 0 });
  for (let index = length - 1; index >= 0; index -= 1) {
    graph.put({ table: 'role', role: group(index), createdAt: 0 });
    graph.put({ table: 'permission', resource: variable, role: group(index), privilege: 'read' });
    if (index === 0) continue;
    const [role, member] = [group(index - 1), group(index)];
    graph.put({ table: 'membership', role, member, ownership: false, admin: false });
  }
  return graph;
}

describe('the roles with a privilege', () => {
  it('are owner, grantees and who holds those, each once', () => {
    const graph = chain(3);
    const outsider = toRoleId('acct', 'group', 'outsider');
    graph.put({ table: 'role', role: outsider, createdAt: 0 });
    graph.put({ table: 'permission', resource: variable, role: outsider, privilege: 'update' });
    const found = permittedRoles(graph, 'read', variable).sort();
    assert.deepEqual(found, ['acct:group:g0', 'acct:group:g1', 'acct:group:g2', 'acct:user:owner']);
  });

  it('are walked once, however many grantees hold one another', () => {
    const length = 40_000;
    assert.equal(permittedRoles(chain(length), 'read', variable).length, length + 1);
  });
});
