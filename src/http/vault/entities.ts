/** `identity/entity` and `identity/lookup/entity`: users and hosts, to be read. */
import type { Entity, EntityAlias } from '../../domain/provider/identity/entities.ts';
import {
  entityQuery,
  findEntity,
  listEntities,
  type EntityQuery,
  type ListedEntity,
} from '../../domain/provider/vault/identities.ts';
import type { ActorRequest } from '../../domain/request.ts';
import type { Services } from '../../domain/services.ts';
import { listReply, type Wrapped } from './envelope.ts';
import { refuse } from './policy-managed.ts';
import { tokenRoute, type Route } from './routing.ts';

/** The mount that every login belongs to. */
export const mountPath = 'auth/userpass/';
export const mountType = 'userpass';
/** There is one namespace. */
export const rootNamespace = 'root';

export function entityRoutes(services: Services): readonly Route[] {
  const show = async (request: ActorRequest, query: EntityQuery): Promise<Wrapped | undefined> => {
    const entity = await findEntity(services, request, query);
    return entity && { data: entityJson(entity) };
  };
  return [
    tokenRoute(
      { path: 'identity/entity/id', fields: {} },
      { list: async ({ request }) => entityList(await listEntities(services, request)) },
    ),
    tokenRoute(
      { path: 'identity/entity/name', fields: {} },
      {
        list: async ({ request }) =>
          listReply((await listEntities(services, request)).map(({ name }) => name).sort()),
      },
    ),
    tokenRoute(
      { path: 'identity/entity/id/:id', fields: {} },
      {
        read: ({ request, captured }) => show(request, { by: 'id', value: captured['id'] ?? '' }),
        write: refuse,
        delete: refuse,
      },
    ),
    tokenRoute(
      { path: 'identity/entity/name/*name', fields: {} },
      {
        read: ({ request, captured }) => show(request, { by: 'name', value: captured['name'] ?? '' }),
        write: refuse,
        delete: refuse,
      },
    ),
    tokenRoute(
      { path: 'identity/lookup/entity', fields: lookupFields },
      { write: ({ request, values }) => show(request, entityQuery(lookupOf(values))) },
    ),
  ];
}

const lookupFields = {
  id: 'string',
  name: 'string',
  alias_id: 'string',
  alias_name: 'string',
  alias_mount_accessor: 'string',
} as const;

function lookupOf(values: { readonly [Name in keyof typeof lookupFields]?: string }) {
  const { id, name, alias_id: aliasId, alias_name: aliasName, alias_mount_accessor: mountAccessor } = values;
  return { id, name, aliasId, aliasName, mountAccessor };
}

function entityList(entities: readonly ListedEntity[]): Wrapped | undefined {
  const info = entities.map(
    ({ id, name, aliases }) => [id, { name, aliases: aliases.map((alias) => listedAlias(alias)) }] as const,
  );
  return listReply(entities.map(({ id }) => id).sort(), Object.fromEntries(info));
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
