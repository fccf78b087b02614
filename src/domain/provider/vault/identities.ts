/**
 * Users, hosts and groups as Vault's dialect reads them. Policy makes them, and nothing here changes
 * them. Whoever may read identities may read all of them; everybody may read the entity that they are.
 */
import type { AccountState } from '../../accounts/account-state.ts';
import type { AccountView } from '../../accounts/authority.ts';
import { Derived } from '../../accounts/derived.ts';
import { actorView } from '../../actor-view.ts';
import { LatchkeyError } from '../../errors.ts';
import { loginOf, type RoleId } from '../../ids.ts';
import type { RoleRow } from '../../records/rows.ts';
import type { ActorRequest } from '../../request.ts';
import type { Services } from '../../services.ts';
import { aliasOf, entityOf, rolesKnownAs, type Entity, type EntityAlias } from '../identity/entities.ts';
import { entityRoleById, entityRoleByName } from '../identity/lookup.ts';
import { identifierOf } from '../identity/subject.ts';
import { ensureIdentifiers, identifiersIn } from '../identifiers.ts';
import { requireRegistryPrivilege } from '../registry/access.ts';
import type { IdentifiersRecord } from '../registry/records.ts';
import { auditedRegistry } from '../registry/audited-registry.ts';

export type IdentityServices = Pick<Services, 'authority' | 'keyring' | 'audit' | 'clock' | 'settings'>;

/** What an entity is looked for by. */
export type EntityQuery =
  | { readonly by: 'id' | 'name' | 'alias-id'; readonly value: string }
  | { readonly by: 'alias'; readonly value: string; readonly mountAccessor: string };

/** What a list tells of an entity. */
export interface ListedEntity extends Pick<Entity, 'id' | 'name' | 'aliases'> {
  readonly createdAt: number;
}

/**
 * The entity that is looked for; undefined where there is none.
 * @throws LatchkeyError `REGISTRY_PRIVILEGE_MISSING`: it is not the caller itself, or there is none, and the
 *   caller lacks `read` on identities
 * @see Vault: GET identity/entity/{id,name}/…, POST identity/lookup/entity
 */
export async function findEntity(
  services: IdentityServices,
  request: ActorRequest,
  query: EntityQuery,
): Promise<Entity | undefined> {
  const act = { operation: 'read', kind: 'identities', name: query.value } as const;
  return auditedRegistry(services, request, act, async () => {
    const { view, identifiers } = await identityView(services, request);
    const row = entityRow(view.state, query, identifiers);
    if (row?.role !== request.actor.role) requireIdentities(view, request);
    return row && entityOf(view.state, row, identifiers);
  });
}

/**
 * All entities, in ascending order of their roles.
 * @throws LatchkeyError `REGISTRY_PRIVILEGE_MISSING`
 * @see Vault: LIST identity/entity/{id,name}
 */
export async function listEntities(
  services: IdentityServices,
  request: ActorRequest,
): Promise<readonly ListedEntity[]> {
  return auditedRegistry(services, request, { operation: 'list', kind: 'identities' }, async () => {
    const { view, identifiers } = await identityView(services, request);
    requireIdentities(view, request);
    const { graph, account } = view.state;
    return rolesKnownAs(graph, 'entities', account).flatMap((role) => {
      const row = graph.role(role);
      return row === undefined ? [] : [listedEntity(row, identifiers)];
    });
  });
}

/** The account as of this request, and what its provider is known by. */
export async function identityView(
  services: IdentityServices,
  { actor }: ActorRequest,
): Promise<{ readonly view: AccountView; readonly identifiers: IdentifiersRecord }> {
  const { account } = services.settings;
  const view = await actorView(services, actor, account, []);
  return { view, identifiers: identifiersIn(view) ?? (await ensureIdentifiers(services, account)) };
}

/** @throws LatchkeyError `REGISTRY_PRIVILEGE_MISSING`: the caller lacks `read` on identities */
export function requireIdentities(view: AccountView, { actor }: ActorRequest): void {
  requireRegistryPrivilege(view, actor, 'read', 'identities');
}

function listedEntity(row: RoleRow, identifiers: IdentifiersRecord): ListedEntity {
  const { createdAt } = row;
  return { id: identifierOf(row), name: loginOf(row.role), aliases: [aliasOf(row, identifiers)], createdAt };
}

function entityRow(
  state: AccountState,
  query: EntityQuery,
  identifiers: IdentifiersRecord,
): RoleRow | undefined {
  switch (query.by) {
    case 'id':
      return entityRoleById(state, query.value);
    case 'name':
      return entityRoleByName(state, query.value);
    case 'alias-id':
      return rowOfAlias(state, query.value.toLowerCase(), identifiers);
    case 'alias':
      return query.mountAccessor === identifiers.mountAccessor
        ? entityRoleByName(state, query.value)
        : undefined;
  }
}

const byAliasId = new Derived<'aliases', ReadonlyMap<EntityAlias['id'], RoleId>>();

function rowOfAlias(state: AccountState, id: string, identifiers: IdentifiersRecord): RoleRow | undefined {
  let index = byAliasId.of(state, 'aliases');
  if (index === undefined) {
    const { graph, account, epoch } = state;
    const rows = rolesKnownAs(graph, 'entities', account).flatMap((role) => graph.role(role) ?? []);
    index = new Map(rows.map((row) => [aliasOf(row, identifiers).id, row.role]));
    byAliasId.keep(state, 'aliases', index, epoch);
  }
  const role = index.get(id);
  return role === undefined ? undefined : state.graph.role(role);
}

/**
 * What an entity is looked for by, from what was given: exactly one of an id, a name, an alias' id, or
 * an alias' name with its mount's accessor.
 * @throws LatchkeyError `PARAMETER_MISSING`: none, or half of an alias
 * @throws LatchkeyError `PARAMETER_INVALID`: several
 */
export function entityQuery(given: {
  readonly id?: string | undefined;
  readonly name?: string | undefined;
  readonly aliasId?: string | undefined;
  readonly aliasName?: string | undefined;
  readonly mountAccessor?: string | undefined;
}): EntityQuery {
  const { id, name, aliasId, aliasName, mountAccessor } = given;
  const single: readonly (EntityQuery | undefined)[] = [
    id === undefined ? undefined : { by: 'id', value: id },
    name === undefined ? undefined : { by: 'name', value: name },
    aliasId === undefined ? undefined : { by: 'alias-id', value: aliasId },
  ];
  const queries = single.filter((query) => query !== undefined);
  const alias = aliasName !== undefined || mountAccessor !== undefined;
  if (queries.length + (alias ? 1 : 0) > 1) {
    const detail = 'query parameter conflict: exactly one of id, name, alias_id or an alias is taken';
    throw new LatchkeyError('PARAMETER_INVALID', { detail });
  }
  if (queries[0] !== undefined) return queries[0];
  if (aliasName !== undefined && mountAccessor !== undefined) {
    return { by: 'alias', value: aliasName, mountAccessor };
  }
  const detail = alias
    ? "both 'alias_name' and 'alias_mount_accessor' need to be set"
    : 'query parameter not supplied';
  throw new LatchkeyError('PARAMETER_MISSING', { detail });
}
