import type { Position } from '../errors.ts';
import { partsOf, storedResourceId, type ResourceId, type RoleId } from '../ids.ts';
import type { AccessGraph } from '../rbac/graph.ts';
import { stepping, type Steps } from '../slices.ts';
import type { Draft } from './draft.ts';
import { excerpt, invalid } from './invalid.ts';
import type { ResolvedPolicy } from './statements.ts';

/**
 * Checks that whatever a policy builds on is there, or comes to be with it: its branch, owners,
 * layers, both sides of grants and permits. Deletions may name what is absent.
 * @throws LatchkeyError `POLICY_INVALID`: the first thing that is missing, with its place
 */
export function* requireReferences(draft: Draft, policy: ResolvedPolicy): Steps<void> {
  // A replacement can remove the owner of the very policy that it is loaded to, and so the policy.
  if (!draft.hasResource(policy.branch)) throw missing(policy.branch, { line: 1, column: 1 });
  /** Most references are to the same few roles. */
  const roles = new Set<RoleId>();
  const requireRole = (role: RoleId, at: Position): void => {
    if (roles.has(role)) return;
    if (!draft.hasRole(role)) throw missing(role, at);
    roles.add(role);
  };
  /** Owners of what stays as it is: like Conjur, which writes nothing there, these are told of last. */
  const kept: (readonly [RoleId, Position])[] = [];
  yield* stepping(policy.definitions, ({ implied, hasResource, id, owner, layers, at }) => {
    if (implied) return;
    if (hasResource && draft.formerOwner(storedResourceId(id)) === owner) kept.push([owner, at]);
    else if (hasResource) requireRole(owner, at);
    for (const layer of layers) requireRole(layer, at);
  });
  yield* stepping(policy.grants, ({ role, member, at, roleAt = at }) => {
    requireRole(role, roleAt);
    requireRole(member, at);
  });
  yield* stepping(policy.permits, ({ role, resource, at, roleAt = at, resourceAt = at }) => {
    requireRole(role, roleAt);
    if (!draft.hasResource(resource)) throw missing(resource, resourceAt);
  });
  yield* stepping(kept, ([owner, at]) => {
    requireRole(owner, at);
  });
}

function missing(id: RoleId | ResourceId, at: Position): Error {
  const { account, kind, identifier } = partsOf(id);
  const name = kind.charAt(0).toUpperCase() + kind.slice(1);
  return invalid(at, `${name} '${excerpt(identifier)}' not found in account '${account}'`);
}

/**
 * Checks that users whom a text takes for its own are not those of another policy: `a-b` and `a/b`
 * name their users alike, and neither must reach those of the other.
 * @throws LatchkeyError `POLICY_INVALID`
 */
export function* requireOwnUsers(graph: AccessGraph, { ownUsers = [] }: ResolvedPolicy): Steps<void> {
  yield* stepping(ownUsers, ({ user, policy, at }) => {
    const row = graph.resource(user);
    if (row === undefined) return;
    const other = [row.owner, row.policy].find((id) => id !== undefined && isNamesake(id, policy));
    if (other === undefined) return;
    const name = excerpt(partsOf(user).identifier);
    throw invalid(
      at,
      `User '${name}' belongs to policy '${excerpt(partsOf(other).identifier)}'`,
      'The names of the two policies differ only in dashes and slashes, so their users would be the same',
    );
  });
}

function isNamesake(id: RoleId | ResourceId, policy: string): boolean {
  const { kind, identifier } = partsOf(id);
  return (
    kind === 'policy' &&
    identifier !== policy &&
    identifier.replaceAll('/', '-') === policy.replaceAll('/', '-')
  );
}
