/** Resources, roles and memberships in Conjur's words. Keys are in the order of its answers. */
import { handleOf } from '../../domain/records/host-factory-tokens.ts';
import type { MembershipRow } from '../../domain/records/rows.ts';
import type { ResourceDetails } from '../../domain/resources/details.ts';
import type { ShownPolicyVersion } from '../../domain/resources/policy-versions.ts';
import type { RoleDetails } from '../../domain/roles/show.ts';

/** A resource with all that is shown of it. */
export function resourceJson(details: ResourceDetails): Readonly<Record<string, unknown>> {
  const { row, permissions, annotations, secrets, policyVersions, tokens, layers, restrictedTo } = details;
  return {
    created_at: databaseTime(row.createdAt),
    id: row.resource,
    owner: row.owner,
    ...policyOf(row),
    permissions: permissions.map((permission) => ({
      privilege: permission.privilege,
      role: permission.role,
      ...policyOf(permission),
    })),
    annotations: annotations.map((annotation) => ({
      name: annotation.name,
      value: annotation.value,
      ...policyOf(annotation),
    })),
    ...(secrets === undefined
      ? {}
      : {
          secrets: secrets.map(({ version, expiresAt }) => ({
            version,
            expires_at: expiresAt === undefined ? null : databaseTime(expiresAt),
          })),
        }),
    ...(policyVersions === undefined
      ? {}
      : { policy_versions: policyVersions.map((version) => versionJson(row.resource, version)) }),
    ...(tokens === undefined
      ? {}
      : {
          tokens: tokens.map((token) => ({
            expiration: tokenTime(token.expiresAt),
            cidr: token.cidr,
            token: handleOf(token),
          })),
        }),
    ...(layers === undefined ? {} : { layers }),
    ...(restrictedTo === undefined ? {} : { restricted_to: restrictedTo }),
  };
}

/** A role and its members. */
export function roleJson({ row, members }: RoleDetails): Readonly<Record<string, unknown>> {
  return {
    created_at: databaseTime(row.createdAt),
    id: row.role,
    ...policyOf(row),
    members: members.map(membershipJson),
  };
}

/** One membership. */
export function membershipJson(row: MembershipRow): Readonly<Record<string, unknown>> {
  return {
    admin_option: row.admin,
    ownership: row.ownership,
    role: row.role,
    member: row.member,
    ...policyOf(row),
  };
}

function versionJson(policy: string, version: ShownPolicyVersion): Readonly<Record<string, unknown>> {
  return {
    version: version.version,
    created_at: databaseTime(version.createdAt),
    policy_text: version.text ?? null,
    policy_sha256: version.sha256,
    finished_at: databaseTime(version.finishedAt),
    client_ip: version.clientIp,
    id: policy,
    role: version.role,
  };
}

/** Absent, not null, where no policy defined it. */
function policyOf({ policy }: { readonly policy?: string }): { readonly policy?: string } {
  return policy === undefined ? {} : { policy };
}

/** `2030-01-02T03:04:05.678+00:00`, as Conjur shows times of its database. */
export function databaseTime(timeMs: number): string {
  return new Date(timeMs).toISOString().replace('Z', '+00:00');
}

/** `2030-01-02T03:04:05Z`: when a host-factory token expires, in whole seconds. */
export function tokenTime(timeMs: number): string {
  return new Date(timeMs).toISOString().replace(/\.\d+Z$/, 'Z');
}
