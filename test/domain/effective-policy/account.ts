/** Reads an account of the policy tests back as statements. */
import { storedResourceId, type RoleId } from '../../../src/domain/ids.ts';
import { scopeOf } from '../../../src/domain/effective-policy/scope.ts';
import { toYaml } from '../../../src/domain/effective-policy/to-yaml.ts';
import { statementsOf } from '../../../src/domain/effective-policy/tree.ts';
import { admin, World } from '../policy/plan-world.ts';

export function effectivePolicy(world: World, policy = 'root', depth = 64, role: RoleId = admin): string {
  const scope = scopeOf(world.graph, role, storedResourceId(`acct:policy:${policy}`), depth);
  return toYaml(statementsOf(world.graph, scope));
}

export function sizeOf(world: World, policy = 'root', depth = 64): number {
  return scopeOf(world.graph, admin, storedResourceId(`acct:policy:${policy}`), depth).size;
}

export function worldOf(text: string): World {
  const world = new World();
  world.POST('root', text);
  return world;
}
