/** Grants, permits and their opposites as pairs: each list multiplied out with the others. */
import { resourceOf } from '../ids.ts';
import { tooLarge } from './invalid.ts';
import { maxEntries } from './limits.ts';
import { refer, type Resolution, type Scope } from './resolution.ts';
import type { Statement } from './statements.ts';
import { addPrivilegeWarnings } from './warnings.ts';

function count(resolution: Resolution, entries: number): void {
  resolution.entries += entries;
  if (resolution.entries <= maxEntries) return;
  throw tooLarge(`A policy may amount to ${maxEntries} grants and permits, its lists multiplied out`);
}

export function addGrants(
  resolution: Resolution,
  node: Extract<Statement, { tag: 'grant' }>,
  scope: Scope,
): void {
  count(resolution, node.roles.length * node.members.length);
  const roles = node.roles.map((role) => ({
    role: refer(resolution, role, scope, 'own').id,
    roleAt: role.at,
  }));
  for (const { role: memberRole, admin = false, at } of node.members) {
    const member = refer(resolution, memberRole, scope, 'receiver').id;
    for (const { role, roleAt } of roles) resolution.grants.push({ role, member, admin, at, roleAt });
  }
}

export function addRevokes(
  resolution: Resolution,
  node: Extract<Statement, { tag: 'revoke' }>,
  scope: Scope,
): void {
  count(resolution, node.roles.length * node.members.length);
  const roles = node.roles.map((role) => refer(resolution, role, scope, 'own').id);
  for (const memberRole of node.members) {
    const member = refer(resolution, memberRole, scope, 'receiver').id;
    for (const role of roles) resolution.revokes.push({ role, member, at: memberRole.at });
  }
}

export function addPermissions(
  resolution: Resolution,
  node: Extract<Statement, { tag: 'permit' | 'deny' }>,
  scope: Scope,
): void {
  const { at } = node;
  count(resolution, node.roles.length * node.privileges.length * node.resources.length);
  addPrivilegeWarnings(resolution.warnings, node.privileges);
  const entries = node.tag === 'permit' ? resolution.permits : resolution.denies;
  const roles = node.roles.map((role) => ({
    role: refer(resolution, role, scope, 'receiver').id,
    roleAt: role.at,
  }));
  const resources = node.resources.map((resource) => ({
    resource: resourceOf(refer(resolution, resource, scope, 'own').id),
    resourceAt: resource.at,
  }));
  for (const { role, roleAt } of roles) {
    for (const privilege of node.privileges) {
      for (const { resource, resourceAt } of resources) {
        entries.push({ role, privilege, resource, at, roleAt, resourceAt });
      }
    }
  }
}

export function addDelete(
  resolution: Resolution,
  { record }: Extract<Statement, { tag: 'delete' }>,
  scope: Scope,
): void {
  if (record === undefined) return;
  resolution.deletes.push({ id: refer(resolution, record, scope, 'own').id, at: record.at });
}
