/** What token policies and login policies have in common: one set of use cases for both. */
import { randomUUID } from 'node:crypto';
import { LatchkeyError } from '../../errors.ts';
import type { ClientRecord, LoginPolicyRecord, TokenPolicyRecord } from '../registry/records.ts';
import type { Registry } from '../registry/registry.ts';
import type { ConfigCollection } from './api-scopes.ts';
import {
  configure,
  type Access,
  type Act,
  type ConfigurationRequest,
  type ConfigurationServices,
  type ReadBody,
} from './access.ts';
import { unchanged } from './clients.ts';
import { fieldInvalid, readLoginPolicy, readTokenPolicy, type Body } from './fields.ts';
import { mergePatch } from './members.ts';

interface PolicyRecords {
  readonly 'oidc-token-policy': TokenPolicyRecord;
  readonly 'oidc-login-policy': LoginPolicyRecord;
}

type PolicyKind = keyof PolicyRecords;

/** What differs between the two. */
export interface PolicyRules<K extends PolicyKind> {
  readonly kind: K;
  readonly collection: ConfigCollection;
  /** @throws LatchkeyError `REGISTRY_FIELD_INVALID` */
  readonly read: (body: Body, id: string, createdAt: number, updatedAt: number) => PolicyRecords[K];
  /** What the API says of a policy, beside its id. */
  readonly body: (policy: PolicyRecords[K]) => Body;
  readonly usedBy: (client: ClientRecord, id: string) => boolean;
  readonly mutation: (id: string, record: PolicyRecords[K] | undefined) => Parameters<Access['change']>[0];
}

/** Every process keeps them in memory. */
const maxPolicies = 10_000;

export const tokenPolicies: PolicyRules<'oidc-token-policy'> = {
  kind: 'oidc-token-policy',
  collection: 'tokenPolicies',
  read: (body, id, createdAt, updatedAt) => {
    const fields = readTokenPolicy(body);
    return {
      id,
      title: fields.title,
      accessTokenLifetimeSeconds: fields.accessTokenLifetime,
      refreshTokenLifetimeSeconds: fields.refreshTokenLifetime,
      allowedScopes: fields.allowedScopes,
      accessTokenFormat: fields.useAccessJWT ? 'jwt' : 'opaque',
      createdAt,
      updatedAt,
    };
  },
  body: (policy) => ({
    title: policy.title,
    accessTokenLifetime: policy.accessTokenLifetimeSeconds,
    refreshTokenLifetime: policy.refreshTokenLifetimeSeconds,
    allowedScopes: policy.allowedScopes,
    useAccessJWT: policy.accessTokenFormat === 'jwt',
  }),
  usedBy: ({ tokenPolicy }, id) => tokenPolicy === id,
  mutation: (id, record) => ({ kind: 'oidc-token-policy', id, record }),
};

export const loginPolicies: PolicyRules<'oidc-login-policy'> = {
  kind: 'oidc-login-policy',
  collection: 'loginPolicies',
  read: (body, id, createdAt, updatedAt) => ({ id, ...readLoginPolicy(body), createdAt, updatedAt }),
  body: ({ title, settings }) => ({ ...settings, title }),
  usedBy: ({ loginPolicy }, id) => loginPolicy === id,
  mutation: (id, record) => ({ kind: 'oidc-login-policy', id, record }),
};

/** The policies in ascending order of their ids. */
export async function listPolicies<K extends PolicyKind>(
  services: ConfigurationServices,
  request: ConfigurationRequest,
  rules: PolicyRules<K>,
): Promise<readonly PolicyRecords[K][]> {
  return configure(services, request, act(rules, 'list', 'GET'), ({ registry }) =>
    unchanged(registry.all(rules.kind)),
  );
}

/** @throws LatchkeyError `REGISTRY_RECORD_NOT_FOUND` */
export async function showPolicy<K extends PolicyKind>(
  services: ConfigurationServices,
  request: ConfigurationRequest,
  rules: PolicyRules<K>,
  id: string,
): Promise<PolicyRecords[K]> {
  return configure(services, request, act(rules, 'read', 'GET', id), ({ registry }) =>
    unchanged(policyOf(registry, rules, id)),
  );
}

/**
 * Makes a policy.
 * @returns its id
 * @throws LatchkeyError `REGISTRY_FIELD_INVALID`
 */
export async function createPolicy<K extends PolicyKind>(
  services: ConfigurationServices,
  request: ConfigurationRequest,
  rules: PolicyRules<K>,
  body: ReadBody,
): Promise<string> {
  return configure(services, request, act(rules, 'create', 'POST'), async (access) => {
    const wanted = await body();
    if (access.registry.all(rules.kind).length >= maxPolicies) {
      throw fieldInvalid('body', `there are ${String(maxPolicies)} policies already`);
    }
    const id = randomUUID();
    access.about(`${rules.collection}/${id}`);
    return access.change(rules.mutation(id, rules.read(wanted, id, access.now, access.now)), id);
  });
}

/**
 * Changes a policy.
 * @param method of what is left out: with `PUT` it gets its usual value, with `PATCH` it stays as it is (RFC 7396)
 * @throws LatchkeyError `REGISTRY_RECORD_NOT_FOUND`, `REGISTRY_FIELD_INVALID`
 */
export async function changePolicy<K extends PolicyKind>(
  services: ConfigurationServices,
  request: ConfigurationRequest,
  rules: PolicyRules<K>,
  method: 'PUT' | 'PATCH',
  id: string,
  body: ReadBody,
): Promise<PolicyRecords[K]> {
  return configure(services, request, act(rules, 'update', method, id), async (access) => {
    const before = policyOf(access.registry, rules, id);
    const given = await body();
    const wanted = method === 'PUT' ? given : mergePatch(rules.body(before), given);
    const record = rules.read(wanted, id, before.createdAt, access.now);
    return access.change(rules.mutation(id, record), record);
  });
}

/**
 * @throws LatchkeyError `REGISTRY_RECORD_NOT_FOUND`
 * @throws LatchkeyError `REGISTRY_RECORD_IN_USE`: its detail is the list of clients that have it, as Akamai words it
 */
export async function deletePolicy<K extends PolicyKind>(
  services: ConfigurationServices,
  request: ConfigurationRequest,
  rules: PolicyRules<K>,
  id: string,
): Promise<void> {
  return configure(services, request, act(rules, 'delete', 'DELETE', id), (access) => {
    policyOf(access.registry, rules, id);
    const users = access.registry.clientsOf('akamai').filter((client) => rules.usedBy(client, id));
    if (users.length > 0) {
      const paths = users.map(({ clientId }) => `/customers/${request.customerId}/clients/${clientId}`);
      throw new LatchkeyError('REGISTRY_RECORD_IN_USE', { detail: JSON.stringify(paths) });
    }
    return access.change(rules.mutation(id, undefined), undefined);
  });
}

function policyOf<K extends PolicyKind>(
  registry: Registry,
  { kind }: PolicyRules<K>,
  id: string,
): PolicyRecords[K] {
  const policy = registry.get(kind, id);
  if (policy === undefined) throw new LatchkeyError('REGISTRY_RECORD_NOT_FOUND');
  return policy;
}

function act<K extends PolicyKind>(
  { collection }: PolicyRules<K>,
  operation: Act['operation'],
  method: Act['method'],
  id = '',
): Act {
  const path = id === '' ? (['config', collection] as const) : (['config', collection, id] as const);
  return { operation, kind: 'policies', name: id === '' ? collection : `${collection}/${id}`, method, path };
}
