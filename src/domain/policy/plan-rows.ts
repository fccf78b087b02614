/** The rows that a policy declares, before they are compared with what is there. */
import {
  isIdText,
  partsOf,
  storedResourceId,
  storedRoleId,
  toResourceId,
  type ResourceId,
  type RoleId,
} from '../ids.ts';
import type { AnnotationRow, MembershipRow, PermissionRow, ResourceRow, RoleRow } from '../records/rows.ts';
import { stepping, type Steps } from '../slices.ts';
import { invalid } from './invalid.ts';
import type { Definition, ResolvedPolicy } from './statements.ts';

/** All defined by the policy that the text is loaded to. Ownership edges follow from the resources. */
export interface DeclaredRows {
  readonly roles: readonly RoleRow[];
  readonly resources: readonly ResourceRow[];
  readonly memberships: readonly MembershipRow[];
  readonly permissions: readonly PermissionRow[];
  readonly annotations: readonly AnnotationRow[];
}

/**
 * In steps.
 * @param now becomes `createdAt`, in milliseconds since the epoch
 * @throws LatchkeyError `POLICY_INVALID`: the name of a public key cannot be part of an id
 */
export function* declaredRows(policy: ResolvedPolicy, createdAt: number): Steps<DeclaredRows> {
  const { branch } = policy;
  const roles: RoleRow[] = [];
  const resources: ResourceRow[] = [];
  const keys: ResourceRow[] = [];
  const memberships: MembershipRow[] = [];
  const annotations: AnnotationRow[] = [];
  yield* stepping(policy.definitions, (definition) => {
    const { implied, id, owner } = definition;
    if (implied) return;
    if (definition.hasRole) roles.push({ table: 'role', role: storedRoleId(id), createdAt, policy: branch });
    for (const layer of definition.layers) {
      memberships.push(membership(layer, storedRoleId(id), false, branch));
    }
    if (!definition.hasResource) return;
    const resource = storedResourceId(id);
    resources.push({ table: 'resource', resource, owner, createdAt, policy: branch });
    for (const key of publicKeysOf(definition)) {
      keys.push({ table: 'resource', resource: key.resource, owner, createdAt, policy: branch });
    }
    for (const { name, value } of definition.annotations) {
      annotations.push({ table: 'annotation', resource, name, value, policy: branch });
    }
  });
  for (const key of keys) resources.push(key);
  yield* stepping(policy.grants, ({ role, member, admin }) => {
    memberships.push(membership(role, member, admin, branch));
  });
  const permissions: PermissionRow[] = [];
  yield* stepping(policy.permits, ({ resource, role, privilege }) => {
    permissions.push({ table: 'permission', resource, role, privilege, policy: branch });
  });
  return { roles, resources, memberships, permissions, annotations };
}

/**
 * The resources under which a user's public keys are kept, with the keys.
 * @throws LatchkeyError `POLICY_INVALID`: the id would be too long
 * @see Conjur: `public_key:user/<user>/<name>`
 */
export function publicKeysOf(
  user: Definition,
): readonly { readonly resource: ResourceId; readonly value: string }[] {
  if (user.publicKeys.length === 0) return [];
  const { account, kind, identifier } = partsOf(storedRoleId(user.id));
  return user.publicKeys.map(({ name, line }) => {
    const keyIdentifier = `${kind}/${identifier}/${name}`;
    if (!isIdText(account, 'public_key', keyIdentifier)) throw invalid(user.at, 'Invalid public key format');
    return { resource: toResourceId(account, 'public_key', keyIdentifier), value: line };
  });
}

function membership(role: RoleId, member: RoleId, admin: boolean, policy: ResourceId): MembershipRow {
  return { table: 'membership', role, member, ownership: false, admin, policy };
}
