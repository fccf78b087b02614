import assert from 'node:assert/strict';
import { resourceOf } from '../../../src/domain/ids.ts';
import { roleGraph } from '../../../src/domain/rbac/role-graph.ts';
import { visible } from '../../../src/domain/rbac/check.ts';
import { roleId, World } from '../policy/plan-world.ts';

function graphOf(policy: string): World['graph'] {
  const world = new World();
  world.POST('root', policy);
  return world.graph;
}

describe('roleGraph', () => {
  it('has each membership once, though it is held by grant and by owning', () => {
    const graph = graphOf(
      '- !user ann\n- !group { id: g, owner: !user ann }\n- !grant { role: !group g, member: !user ann }',
    );
    const edges = roleGraph(graph, roleId('group:g'), roleId('user:admin'));
    assert.equal(edges.filter(({ parent }) => parent === roleId('group:g')).length, 1);
  });

  it('ends in a circle', () => {
    const graph = graphOf(`
- !group a
- !group b
- !grant { role: !group a, member: !group b }
- !grant { role: !group b, member: !group a }
`);
    const edges = roleGraph(graph, roleId('group:a'), roleId('user:admin'));
    assert.deepEqual(
      edges.map(({ parent, child }) => [parent, child]),
      [
        [roleId('group:a'), roleId('group:b')],
        [roleId('group:a'), roleId('user:admin')],
        [roleId('group:b'), roleId('group:a')],
        [roleId('group:b'), roleId('user:admin')],
      ],
    );
  });

  it('has no edge whose parent the viewer may not know of', () => {
    const graph = graphOf(`
- !user ann
- !group seen
- !group hidden
- !grant { role: !group hidden, member: !group seen }
- !grant { role: !group seen, member: !user ann }
- !permit { role: !user ann, privilege: read, resource: !group seen }
`);
    const viewer = roleId('user:ann');
    const edges = roleGraph(graph, roleId('group:seen'), viewer);
    assert.ok(edges.length > 0);
    for (const { parent } of edges) assert.ok(visible(graph, viewer, resourceOf(parent)), parent);
  });
});
