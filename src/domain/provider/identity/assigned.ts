/** Who is assigned to a client, in Vault's terms. */
import type { AccountState } from '../../accounts/account-state.ts';
import { allowAllName } from '../vault/assignments.ts';
import type { Entity } from './entities.ts';

/**
 * Whether an entity is assigned by one of these assignments: `allow_all`, or one that names the
 * entity or a group that it is in, directly or not. No assignments: nobody is. It is the name
 * `allow_all` that assigns everybody; `*` in an assignment is an id like any other. An assignment
 * that is gone assigns nobody.
 * @see Vault: parameter `assignments` of a client
 */
export function isAssigned(
  { registry }: Pick<AccountState, 'registry'>,
  { id, groupIds, disabled }: Pick<Entity, 'id' | 'groupIds' | 'disabled'>,
  assignments: readonly string[],
): boolean {
  if (disabled) return false;
  if (assignments.includes(allowAllName)) return true;
  return assignments.some((name) => {
    const assignment = registry.get('oidc-assignment', name);
    if (assignment === undefined) return false;
    return assignment.entityIds.includes(id) || groupIds.some((group) => assignment.groupIds.includes(group));
  });
}
