/**
 * How a record is named in the store. The only place that makes a {@link RecordKey}.
 *
 * A key is its collection and the parts that name the record, joined by tabs; no id,
 * privilege or annotation name contains a control character, so a key splits one way.
 */
import type { ResourceId, RoleId, RecordKey } from '../ids.ts';

/** Collections whose records make up authority: their commits move the epoch. */
export const authorityCollections = [
  'rows',
  'credential',
  'authenticator',
  'signing-key',
  'host-factory-token',
  'issuer',
  'oidc-key',
  'oidc-provider',
  'oidc-scope',
  'oidc-assignment',
  'oidc-client',
  'oidc-role',
  'oidc-token-policy',
  'oidc-login-policy',
  'oidc-settings',
] as const;

/**
 * Every collection that there is. Those that are not authority's are read record by record; rows are kept
 * in batches, and their own keys only name them in memory.
 */
export const collections = [
  ...authorityCollections,
  'role',
  'resource',
  'membership',
  'permission',
  'annotation',
  'secret',
  'secret-version',
  'policy-head',
  'policy-version',
  'key-check',
  'key-holder',
] as const;

export type Collection = (typeof collections)[number];

function key(collection: Collection, ...parts: readonly string[]): RecordKey {
  return `${collection}\t${parts.join('\t')}` as RecordKey;
}

/** A batch of rows, counted from 1. */
export function rowBatchKey(number: number): RecordKey {
  return key('rows', String(number).padStart(batchDigits, '0'));
}

const batchDigits = 12;

export function roleKey(role: RoleId): RecordKey {
  return `role\t${role}` as RecordKey;
}

export function resourceKey(resource: ResourceId): RecordKey {
  return `resource\t${resource}` as RecordKey;
}

/** One role may hold another both plainly and through ownership: two records. */
export function membershipKey(role: RoleId, member: RoleId, ownership: boolean): RecordKey {
  return key('membership', role, member, ownership ? 'o' : 'm');
}

export function permissionKey(resource: ResourceId, role: RoleId, privilege: string): RecordKey {
  return key('permission', resource, role, privilege);
}

export function annotationKey(resource: ResourceId, name: string): RecordKey {
  return key('annotation', resource, name);
}

/** API key, password and origin restriction of a role. */
export function credentialKey(role: RoleId): RecordKey {
  return `credential\t${role}` as RecordKey;
}

/** Whether an authenticator's webservice was enabled over the API. */
export function authenticatorKey(webservice: ResourceId): RecordKey {
  return key('authenticator', webservice);
}

/** A key under which access tokens are signed. */
export function signingKeyKey(kid: string): RecordKey {
  return key('signing-key', kid);
}

/** A token by which hosts are made, named by its hash. */
export function hostFactoryTokenKey(hash: string): RecordKey {
  return key('host-factory-token', hash);
}

/** An issuer of dynamic secrets, named by its policy. */
export function issuerKey(policy: ResourceId): RecordKey {
  return key('issuer', policy);
}

/** A record of the OpenID Provider's registry, by its name or id. */
export function registryKey(collection: Extract<Collection, `oidc-${string}`>, id: string): RecordKey {
  return key(collection, id);
}

/** The newest value of a variable, and what is known of the older ones. */
export function secretKey(variable: ResourceId): RecordKey {
  return `secret\t${variable}` as RecordKey;
}

/** One older value of a variable. */
export function secretVersionKey(variable: ResourceId, version: number): RecordKey {
  return key('secret-version', variable, String(version));
}

/** The number of the newest version of a policy, and the versions that are kept. */
export function policyHeadKey(policy: ResourceId): RecordKey {
  return key('policy-head', policy);
}

export function policyVersionKey(policy: ResourceId, version: number): RecordKey {
  return key('policy-version', policy, String(version));
}

/** Proves which data key a store is under, and so says which one seals. */
export function keyCheckKey(): RecordKey {
  return key('key-check', 'data-key');
}

/** How far the rotation of the data key is. */
export function keyRotationKey(): RecordKey {
  return key('key-check', 'rotation');
}

/** Asks every process which data keys it holds. */
export function keyCallKey(): RecordKey {
  return key('key-check', 'call');
}

/** What one process answered. */
export function keyHolderKey(processId: string): RecordKey {
  return key('key-holder', processId);
}

/** The collection of a key. */
export function collectionOf(recordKey: RecordKey): string {
  return recordKey.slice(0, recordKey.indexOf('\t'));
}

/** The parts of a key after its collection. */
export function keyParts(recordKey: RecordKey): readonly string[] {
  return recordKey.split('\t').slice(1);
}
