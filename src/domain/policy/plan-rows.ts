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
 * @param now becomes `createdAt`, in milliseconds since the epoch
 * @throws LatchkeyError `POLICY_INVALID`: the name of a public key cannot be part of an id
 */
export function declaredRows(policy: ResolvedPolicy, now: number): DeclaredRows {
  const { branch } = policy;
  const defined = { createdAt: now, policy: branch };
  const definitions = policy.definitions.filter((definition) => !definition.implied);
  const withResource = definitions.filter((definition) => definition.hasResource);
  const keys = withResource.flatMap((user) =>
    publicKeysOf(user).map(({ resource }) => ({ resource, owner: user.owner })),
  );
  return {
    roles: definitions
      .filter((definition) => definition.hasRole)
      .map(({ id }) => ({ table: 'role', role: storedRoleId(id), ...defined })),
    resources: [
      ...withResource.map(({ id, owner }) => ({ resource: storedResourceId(id), owner })),
      ...keys,
    ].map(({ resource, owner }) => ({ table: 'resource', resource, owner, ...defined })),
    memberships: [
      ...definitions.flatMap(({ id, layers }) =>
        layers.map((layer) => membership(layer, storedRoleId(id), false, branch)),
      ),
      ...policy.grants.map(({ role, member, admin }) => membership(role, member, admin, branch)),
    ],
    permissions: policy.permits.map(({ resource, role, privilege }) => ({
      table: 'permission',
      resource,
      role,
      privilege,
      policy: branch,
    })),
    annotations: withResource.flatMap(({ id, annotations }) =>
      annotations.map(({ name, value }) => ({
        table: 'annotation',
        resource: storedResourceId(id),
        name,
        value,
        policy: branch,
      })),
    ),
  };
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
