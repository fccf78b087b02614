/** `identity/entity` and `identity/lookup/entity`: users and hosts, to be read. */
import type { Entity, EntityAlias } from '../../domain/provider/identity/entities.ts';
import {
  entityQuery,
  findEntity,
  listEntities,
  type EntityQuery,
} from '../../domain/provider/vault/identities.ts';
import type { ActorRequest } from '../../domain/request.ts';
import type { Services } from '../../domain/services.ts';
import type { Wrapped } from './envelope.ts';
import { identityRoutes, rootNamespace, type LookupValues } from './identities.ts';
import type { Route } from './routing.ts';

/** The mount that every login belongs to. */
const mountPath = 'auth/userpass/';
const mountType = 'userpass';

export function entityRoutes(services: Services): readonly Route[] {
  const show = async (request: ActorRequest, query: EntityQuery): Promise<Wrapped | undefined> => {
    const entity = await findEntity(services, request, query);
    return entity && { data: entityJson(entity) };
  };
  return identityRoutes('entity', {
    list: (request) => listEntities(services, request),
    listed: ({ name, aliases }) => ({ name, aliases: aliases.map((alias) => listedAlias(alias)) }),
    show: (request, by, value) => show(request, { by, value }),
    lookup: (request, values) => show(request, entityQuery(lookupOf(values))),
  });
}

function lookupOf(values: LookupValues) {
  const { id, name, alias_id: aliasId, alias_name: aliasName, alias_mount_accessor: mountAccessor } = values;
  return { id, name, aliasId, aliasName, mountAccessor };
}

function entityJson(entity: Entity): Readonly<Record<string, unknown>> {
  const { id, name, metadata, groupIds, directGroupIds, disabled, createdAt } = entity;
  const inherited = groupIds.filter((group) => !directGroupIds.includes(group));
  return {
    id,
    name,
    metadata,
    aliases: entity.aliases.map((alias) => aliasJson(alias, entity)),
    policies: [],
    disabled,
    direct_group_ids: directGroupIds,
    inherited_group_ids: inherited,
    group_ids: [...directGroupIds, ...inherited],
    merged_entity_ids: [],
    namespace_id: rootNamespace,
    creation_time: new Date(createdAt).toISOString(),
    last_update_time: new Date(createdAt).toISOString(),
  };
}

function aliasJson(alias: EntityAlias, { id, createdAt }: Entity): Readonly<Record<string, unknown>> {
  return {
    ...listedAlias(alias),
    canonical_id: id,
    custom_metadata: alias.customMetadata,
    local: false,
    // Never a list: Terraform's provider ends at one.
    merged_from_canonical_ids: null,
    creation_time: new Date(createdAt).toISOString(),
    last_update_time: new Date(createdAt).toISOString(),
  };
}

function listedAlias({ id, mountAccessor, name, metadata }: EntityAlias): Readonly<Record<string, unknown>> {
  return {
    id,
    name,
    metadata,
    mount_accessor: mountAccessor,
    mount_path: mountPath,
    mount_type: mountType,
  };
}
