/** Clients of Akamai's dialect: those that manage the configuration, and those that sign people in. */
import { randomUUID } from 'node:crypto';
import { LatchkeyError } from '../../errors.ts';
import { defaultKeyName } from '../keys/ring.ts';
import type { Decision } from '../registry/change.ts';
import type { ClientRecord } from '../registry/records.ts';
import type { Registry } from '../registry/registry.ts';
import {
  configure,
  type Act,
  type ConfigurationRequest,
  type ConfigurationServices,
  type ReadBody,
} from './access.ts';
import { makeSecret, randomClientText } from './client-secrets.ts';
import { fieldInvalid, readClient, type Body, type ClientFields } from './fields.ts';
import { mergePatch, withoutMember } from './members.ts';

/** Every process keeps them in memory. */
const maxClients = 10_000;

/** A client that was just made; the secret is shown only here, a public client has none. */
export interface MadeClient {
  readonly client: ClientRecord;
  readonly secret: string | undefined;
}

/** The clients in ascending order of their names. */
export async function listClients(
  services: ConfigurationServices,
  request: ConfigurationRequest,
): Promise<readonly ClientRecord[]> {
  const act = { ...onClients('list'), path: ['config', 'clients'] } as const;
  return configure(services, request, act, ({ registry }) => unchanged(registry.clientsOf('akamai')));
}

/** @throws LatchkeyError `REGISTRY_RECORD_NOT_FOUND` */
export async function showClient(
  services: ConfigurationServices,
  request: ConfigurationRequest,
  id: string,
): Promise<ClientRecord> {
  return configure(services, request, onClients('read', id), ({ registry }) =>
    unchanged(clientOf(registry, id)),
  );
}

/**
 * Makes a client: `name`, `type`, `tokenPolicy`, and of those that sign people in `loginPolicy` and
 * `redirectURIs`. A confidential client with neither of these is a configuration client, as in Akamai's API.
 * @throws LatchkeyError `REGISTRY_FIELD_INVALID`
 * @throws LatchkeyError `REGISTRY_RECORD_EXISTS`: of that name
 */
export async function createClient(
  services: ConfigurationServices,
  request: ConfigurationRequest,
  body: ReadBody,
): Promise<MadeClient> {
  const act = { ...onClients('create'), path: ['config', 'clients'] } as const;
  return configure(services, request, act, async (access) => {
    const wanted = readClient(await body());
    const { registry, now } = access;
    if (registry.clientsOf('akamai').length >= maxClients) {
      throw fieldInvalid('body', `there are ${String(maxClients)} clients already`);
    }
    const fields = checkedFields(registry, wanted, undefined);
    const made = newClient(fields, now);
    const { client } = made;
    access.about(client.clientId);
    return access.change({ kind: 'oidc-client', id: client.clientId, record: client }, made);
  });
}

/** A client of valid fields, with a first secret that does not expire unless it is public. */
export function newClient(fields: ClientFields, now: number): MadeClient {
  const made = fields.type === 'public' ? undefined : makeSecret(randomUUID(), now);
  const client: ClientRecord = {
    clientId: randomClientText(),
    dialect: 'akamai',
    ...recordFields(fields),
    disabled: false,
    secrets: made === undefined ? [] : [made.record],
    grants:
      fields.type === 'configuration' ? ['client_credentials'] : ['authorization_code', 'refresh_token'],
    postLogoutRedirectUris: [],
    accessTokenFormat: 'opaque',
    key: defaultKeyName,
    // Its token policy says how long tokens live: these are never asked.
    idTokenTtlSeconds: 3_600,
    accessTokenTtlSeconds: 3_600,
    refreshTokenTtlSeconds: 7_776_000,
    scopes: [],
    audiences: [],
    assignments: [],
    permissions: [],
    createdAt: now,
    updatedAt: now,
  };
  return { client, secret: made?.secret };
}

/**
 * Changes what can be chosen of a client; its id, type and secrets stay.
 * @param method of members that are left out: with `PUT` they get their usual value, with `PATCH` they stay as
 *   they are (RFC 7396)
 * @throws LatchkeyError `REGISTRY_RECORD_NOT_FOUND`, `REGISTRY_FIELD_INVALID`, `REGISTRY_RECORD_EXISTS`
 */
export async function changeClient(
  services: ConfigurationServices,
  request: ConfigurationRequest,
  method: 'PUT' | 'PATCH',
  id: string,
  body: ReadBody,
): Promise<ClientRecord> {
  return configure(services, request, { ...onClients('update', id), method }, async (access) => {
    const client = clientOf(access.registry, id);
    const given = await body();
    const fields = readClient(method === 'PUT' ? given : mergePatch(clientBody(client), given));
    const chosen = recordFields(checkedFields(access.registry, fields, client));
    const record = { ...withoutMember(client, 'loginPolicy'), ...chosen, updatedAt: access.now };
    return access.change({ kind: 'oidc-client', id, record }, record);
  });
}

/** @throws LatchkeyError `REGISTRY_RECORD_NOT_FOUND` */
export async function deleteClient(
  services: ConfigurationServices,
  request: ConfigurationRequest,
  id: string,
): Promise<void> {
  return configure(services, request, onClients('delete', id), (access) => {
    clientOf(access.registry, id);
    return access.change({ kind: 'oidc-client', id, record: undefined }, undefined);
  });
}

/** @throws LatchkeyError `REGISTRY_RECORD_NOT_FOUND`: no such client, or another dialect's */
export function clientOf(registry: Registry, id: string): ClientRecord {
  const client = registry.get('oidc-client', id);
  if (client?.dialect !== 'akamai') throw new LatchkeyError('REGISTRY_RECORD_NOT_FOUND');
  return client;
}

/** What the API says of a client, beside its id. */
export function clientBody(client: ClientRecord): Body {
  const { name, type, redirectUris, loginPolicy, tokenPolicy } = client;
  return {
    name,
    type,
    redirectURIs: redirectUris,
    ...(loginPolicy === undefined ? {} : { loginPolicy }),
    tokenPolicy,
  };
}

function recordFields({ name, type, redirectURIs, loginPolicy, tokenPolicy }: ClientFields) {
  return {
    name,
    type,
    redirectUris: redirectURIs,
    tokenPolicy,
    ...(loginPolicy === undefined ? {} : { loginPolicy }),
  };
}

/** Fields that agree with one another and with the registry; `client` is the one that they are to change. */
function checkedFields(
  registry: Registry,
  given: ClientFields,
  client: ClientRecord | undefined,
): ClientFields {
  const plain = given.loginPolicy === undefined && given.redirectURIs.length === 0;
  const fields =
    given.type === 'confidential' && plain ? { ...given, type: 'configuration' as const } : given;
  const { name, type, tokenPolicy, loginPolicy } = fields;
  if (client !== undefined && client.type !== type) throw fieldInvalid('type', 'cannot be changed');
  if (registry.get('oidc-token-policy', tokenPolicy) === undefined) {
    throw fieldInvalid('tokenPolicy', 'is the id of no token policy');
  }
  if (type === 'configuration' && !plain) {
    const field = loginPolicy === undefined ? 'redirectURIs' : 'loginPolicy';
    throw fieldInvalid(field, 'a configuration client signs nobody in');
  }
  if (type !== 'configuration') requireLoginPolicy(registry, loginPolicy);
  const named = registry.clientNamed('akamai', name);
  if (named !== undefined && named.clientId !== client?.clientId) {
    throw new LatchkeyError('REGISTRY_RECORD_EXISTS', { detail: 'name: another client has it' });
  }
  return fields;
}

function requireLoginPolicy(registry: Registry, id: string | undefined): void {
  if (id === undefined) throw fieldInvalid('loginPolicy', 'is missing');
  if (registry.get('oidc-login-policy', id) === undefined) {
    throw fieldInvalid('loginPolicy', 'is the id of no login policy');
  }
}

const methodOf = { list: 'GET', read: 'GET', create: 'POST', update: 'PUT', delete: 'DELETE' } as const;

function onClients(operation: keyof typeof methodOf, id = '') {
  return {
    operation,
    kind: 'clients',
    name: id,
    method: methodOf[operation],
    path: ['config', 'clients', id],
  } as const satisfies Act;
}

export function unchanged<T>(result: T): Decision<T> {
  return { changes: [], result };
}
