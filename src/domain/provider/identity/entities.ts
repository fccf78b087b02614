/**
 * Roles as relying parties and Vault's dialect know them: users and hosts are entities, groups and
 * layers are groups. An entity is in a group that it was granted, directly or by way of other
 * roles. Owning a role is not being in it: the administrator, who owns everything, would be in
 * every group of every application.
 */
import type { AccountState } from '../../accounts/account-state.ts';
import {
  loginOf,
  partsOf,
  resourceOf,
  storedRoleId,
  toRoleId,
  type Account,
  type RoleId,
} from '../../ids.ts';
import type { IdentifiersRecord } from '../registry/records.ts';
import type { RoleRow } from '../../records/rows.ts';
import { identifierOf, signsIn } from './subject.ts';

type Graph = AccountState['graph'];

/** How an entity is known to an authentication method. There is one: logins of this service. */
export interface EntityAlias {
  readonly id: string;
  readonly mountAccessor: string;
  /** The login. */
  readonly name: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly customMetadata: Readonly<Record<string, string>>;
}

/** A user or a host. */
export interface Entity {
  readonly role: RoleId;
  /** A UUID: `sub`. */
  readonly id: string;
  /** The login: `alice`, `host/app1`. */
  readonly name: string;
  /** The role's annotations, as far as they fit: see {@link metadataOf}. */
  readonly metadata: Readonly<Record<string, string>>;
  /** All groups that it is in, directly or not, sorted by name; the ids in the same order. */
  readonly groupIds: readonly string[];
  readonly groupNames: readonly string[];
  /** Those of {@link groupIds} that it was granted itself. */
  readonly directGroupIds: readonly string[];
  readonly aliases: readonly EntityAlias[];
  /** Nothing suspends a role yet. */
  readonly disabled: boolean;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

/** A group or a layer. */
export interface Group {
  readonly role: RoleId;
  readonly id: string;
  /** The role's identifier; with its kind in front where a group and a layer share it. */
  readonly name: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly createdAt: number;
}

/** The entity that a role is. */
export function entityOf(
  { graph }: Pick<AccountState, 'graph'>,
  row: RoleRow,
  { mountAccessor }: Pick<IdentifiersRecord, 'mountAccessor'>,
): Entity {
  const name = loginOf(row.role);
  const groups = groupsAbove(graph, row.role);
  const direct = new Set(grantedTo(graph, row.role));
  return {
    role: row.role,
    id: identifierOf(row),
    name,
    metadata: metadataOf(graph, row.role),
    groupIds: groups.map(({ id }) => id),
    groupNames: groups.map((group) => group.name),
    directGroupIds: groups.filter(({ role }) => direct.has(role)).map(({ id }) => id),
    aliases: [aliasOf(row, { mountAccessor })],
    disabled: false,
    createdAt: row.createdAt,
  };
}

/** How a user or host is known to the one authentication method. */
export function aliasOf(
  { role, createdAt }: Pick<RoleRow, 'role' | 'createdAt'>,
  { mountAccessor }: Pick<IdentifiersRecord, 'mountAccessor'>,
): EntityAlias {
  const name = loginOf(role);
  return {
    // Of the entity and the mount, and so as lasting as they are.
    id: identifierOf({ role: storedRoleId(`${role}\t${mountAccessor}`), createdAt }),
    mountAccessor,
    name,
    metadata: { username: name },
    customMetadata: {},
  };
}

/** The group that a role is; undefined of one that is neither group nor layer. */
export function groupOf({ graph }: Pick<AccountState, 'graph'>, row: RoleRow): Group | undefined {
  return isGroup(row.role) ? toGroup(graph, row) : undefined;
}

/** Whether a role is what relying parties call a group. */
export function isGroup(role: RoleId): boolean {
  const kind = role.split(':', 2)[1];
  return kind === 'group' || kind === 'layer';
}

/** The roles that were granted to a role itself; ownership does not count. */
export function grantedTo(graph: Graph, member: RoleId): readonly RoleId[] {
  return graph.memberships(member).flatMap(({ role, ownership }) => (ownership ? [] : [role]));
}

/** The groups that a role is in, directly or by way of others, sorted by name. */
export function groupsAbove(graph: Graph, start: RoleId): readonly Group[] {
  const found = new Set(grantedTo(graph, start));
  // A set is walked in the order of insertion, what is added on the way included.
  for (const role of found) for (const above of grantedTo(graph, role)) found.add(above);
  found.delete(start);
  const groups = [...found].flatMap((role) => {
    const row = isGroup(role) ? graph.role(role) : undefined;
    return row === undefined ? [] : [toGroup(graph, row)];
  });
  return groups.sort((one, other) => (one.name < other.name ? -1 : 1));
}

function toGroup(graph: Graph, row: RoleRow): Group {
  return {
    role: row.role,
    id: identifierOf(row),
    name: groupNameOf(graph, row.role),
    metadata: metadataOf(graph, row.role),
    createdAt: row.createdAt,
  };
}

/** A group's name: its identifier, unless a group and a layer share that; then `group/…` and `layer/…`. */
export function groupNameOf(graph: Graph, role: RoleId): string {
  const { account, kind, identifier } = partsOf(role);
  const other = toRoleId(account, kind === 'group' ? 'layer' : 'group', identifier);
  return graph.hasRole(other) ? `${kind}/${identifier}` : identifier;
}

const maxMetadata = 64;
const metadataName = /^[a-zA-Z0-9=/+_-]{1,128}$/;
const maxMetadataValueCharacters = 512;

/**
 * The annotations of a role that can be metadata: at most 64, in order of their names; a name of
 * at most 128 of `a-z A-Z 0-9 = / + _ -` that does not begin with `vault-`, a value of at most 512.
 * @see Vault: limits of an entity's metadata
 */
function metadataOf(graph: Graph, role: RoleId): Readonly<Record<string, string>> {
  const fitting = graph
    .annotationsOf(resourceOf(role))
    .filter(
      ({ name, value }) =>
        metadataName.test(name) && !name.startsWith('vault-') && value.length <= maxMetadataValueCharacters,
    );
  fitting.sort((one, other) => (one.name < other.name ? -1 : 1));
  return Object.fromEntries(fitting.slice(0, maxMetadata).map(({ name, value }) => [name, value]));
}

/** The roles of an account that are entities, or groups, in ascending order. */
export function rolesKnownAs(
  graph: Graph,
  known: 'entities' | 'groups',
  account: Account,
): readonly RoleId[] {
  const fits = known === 'entities' ? signsIn : isGroup;
  const own = `${account}:`;
  return [...graph.roles()].filter((role) => role.startsWith(own) && fits(role)).sort();
}
