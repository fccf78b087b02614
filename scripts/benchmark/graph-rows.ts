/** The rows of a large account: always the same ones. */
import {
  rootPolicyOf,
  toResourceId,
  toRoleId,
  type Account,
  type ResourceId,
  type RoleId,
} from '../../src/domain/ids.ts';
import type { GraphRow } from '../../src/domain/records/rows.ts';

const hosts = 90_000;
const groups = 10_000;
const resources = 100_000;
const groupsOfHost = 10;
const groupsOfGroup = 10;
const permitsOfResource = 3;
const watchedResources = 1_000;

/** A host. */
export function roleAt(account: Account, index: number): RoleId {
  return toRoleId(account, 'host', `region-${String(index % 40)}/application/host-${String(index)}`);
}

function groupAt(account: Account, index: number): RoleId {
  return toRoleId(account, 'group', `team-${String(index)}`);
}

/** A variable. */
export function resourceAt(account: Account, index: number): ResourceId {
  return toResourceId(
    account,
    'variable',
    `region-${String(index % 40)}/application/secret-${String(index)}`,
  );
}

/** A role that may see 1,000 of the resources, each by a permission. */
export function watchedRole(account: Account): RoleId {
  return toRoleId(account, 'user', 'watcher');
}

/** 100,000 roles, 1,000,000 memberships, 100,000 resources, 301,000 permissions; groups of groups form no circle. */
export function* graphRows(account: Account): Generator<GraphRow, undefined> {
  const policy = rootPolicyOf(account);
  const createdAt = 1_700_000_000_000;
  const root = toRoleId(account, 'policy', 'root');
  for (let index = 0; index < groups; index += 1) {
    yield { table: 'role', role: groupAt(account, index), createdAt, policy };
  }
  for (let index = 0; index < hosts; index += 1) {
    yield { table: 'role', role: roleAt(account, index), createdAt, policy };
  }
  yield { table: 'role', role: watchedRole(account), createdAt, policy };
  for (let index = 0; index < resources; index += 1) {
    yield { table: 'resource', resource: resourceAt(account, index), owner: root, createdAt, policy };
  }
  const member = (held: number, holder: RoleId): GraphRow => {
    const role = groupAt(account, held);
    return { table: 'membership', role, member: holder, ownership: false, admin: false, policy };
  };
  for (let index = 0; index < hosts; index += 1) {
    for (let nth = 0; nth < groupsOfHost; nth += 1) {
      yield member((index * 31 + nth * 997) % groups, roleAt(account, index));
    }
  }
  // A group holds groups of a tenth of its number: a few steps lead to the first ones.
  for (let index = 0; index < groups; index += 1) {
    for (let nth = 1; nth <= groupsOfGroup; nth += 1) {
      yield member((groups + Math.floor(index / 10) - nth) % groups, groupAt(account, index));
    }
  }
  for (let index = 0; index < resources; index += 1) {
    const resource = resourceAt(account, index);
    for (let nth = 0; nth < permitsOfResource; nth += 1) {
      const role = groupAt(account, (index * 17 + nth * 4_241) % groups);
      yield { table: 'permission', resource, role, privilege: 'execute', policy };
    }
  }
  for (let index = 0; index < watchedResources; index += 1) {
    const resource = resourceAt(account, index * (resources / watchedResources));
    yield { table: 'permission', resource, role: watchedRole(account), privilege: 'read', policy };
  }
  return undefined;
}
