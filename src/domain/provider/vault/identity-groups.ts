/** Groups and layers as Vault's dialect reads them. */
import type { AccountState } from '../../accounts/account-state.ts';
import type { RoleRow } from '../../records/rows.ts';
import type { ActorRequest } from '../../request.ts';
import { grantedTo, groupOf, isGroup, rolesKnownAs, type Group } from '../identity/entities.ts';
import { groupRoleById, groupRoleByName } from '../identity/lookup.ts';
import { identifierOf, signsIn } from '../identity/subject.ts';
import { auditedRegistry } from '../registry/audited-registry.ts';
import { identityView, requireIdentities, type IdentityServices } from './identities.ts';

/** A group with who is in it, and what it is in, directly: identifiers, sorted. */
export interface GroupWithMembers extends Group {
  readonly memberEntityIds: readonly string[];
  readonly memberGroupIds: readonly string[];
  readonly parentGroupIds: readonly string[];
}

/**
 * The group that is looked for; undefined where there is none.
 * @throws LatchkeyError `REGISTRY_PRIVILEGE_MISSING`: the caller lacks `read` on identities
 * @see Vault: GET identity/group/{id,name}/…, POST identity/lookup/group
 */
export async function findGroup(
  services: IdentityServices,
  request: ActorRequest,
  { by, value }: { readonly by: 'id' | 'name'; readonly value: string },
): Promise<GroupWithMembers | undefined> {
  const act = { operation: 'read', kind: 'identities', name: value } as const;
  return auditedRegistry(services, request, act, async () => {
    const { view } = await identityView(services, request);
    requireIdentities(view, request);
    const find = by === 'id' ? groupRoleById : groupRoleByName;
    const row = find(view.state, value);
    return row && withMembers(view.state, row);
  });
}

/**
 * All groups, in ascending order of their roles.
 * @throws LatchkeyError `REGISTRY_PRIVILEGE_MISSING`
 * @see Vault: LIST identity/group/{id,name}
 */
export async function listGroups(
  services: IdentityServices,
  request: ActorRequest,
): Promise<readonly GroupWithMembers[]> {
  return auditedRegistry(services, request, { operation: 'list', kind: 'identities' }, async () => {
    const { view } = await identityView(services, request);
    requireIdentities(view, request);
    const { graph, account } = view.state;
    return rolesKnownAs(graph, 'groups', account).flatMap((role) => {
      const row = graph.role(role);
      return (row && withMembers(view.state, row)) ?? [];
    });
  });
}

function withMembers(state: AccountState, row: RoleRow): GroupWithMembers | undefined {
  const { graph } = state;
  const group = groupOf(state, row);
  if (group === undefined) return undefined;
  const granted = graph.members(row.role).flatMap(({ member, ownership }) => (ownership ? [] : [member]));
  const idsOf = (roles: readonly RoleRow['role'][]): readonly string[] =>
    roles
      .flatMap((role) => graph.role(role) ?? [])
      .map((each) => identifierOf(each))
      .sort();
  return {
    ...group,
    memberEntityIds: idsOf(granted.filter((role) => signsIn(role))),
    memberGroupIds: idsOf(granted.filter((role) => isGroup(role))),
    parentGroupIds: idsOf(grantedTo(graph, row.role).filter((role) => isGroup(role))),
  };
}
