/** Named keys as Vault's dialect manages them. */
import type { AccountState } from '../../accounts/account-state.ts';
import type { ActorRequest } from '../../request.ts';
import { changedRing, newRing, rotatedByHand, type KeySettings } from '../keys/changes.ts';
import { allKeys, defaultKeyName, defaultKeyTtlSeconds, keyNamed } from '../keys/ring.ts';
import { FreshPairs, type KeyServices } from '../keys/signing.ts';
import { signingAlgorithms, type KeyRecord, type SigningAlgorithm } from '../registry/records.ts';
import { putRecord, removeRecord } from '../registry/registry.ts';
import { fieldInvalid, requireLimits, requireUnused } from './fields.ts';
import { requireRoom, rotateObject, writeObject, type ObjectKind, type ObjectServices } from './objects.ts';

/**
 * Keys, which are removed unless they are `default` (`REGISTRY_FIELD_INVALID`) or roles or clients use them
 * (`REGISTRY_RECORD_IN_USE`). What a key signed verifies no more once it is removed.
 */
export const keys: ObjectKind<KeyRecord> = {
  kind: 'keys',
  find: keyNamed,
  all: allKeys,
  removal: ({ registry }, { name }) => {
    if (name === defaultKeyName) throw fieldInvalid('deletion of the key "default" is not allowed');
    const uses = ({ key }: { readonly key: string }): boolean => key === name;
    requireUnused(`key "${name}"`, 'roles', registry.all('oidc-role').filter(uses));
    requireUnused(`key "${name}"`, 'clients', registry.all('oidc-client').filter(uses));
    return removeRecord('oidc-key', name);
  },
};

/** What is to be of a key; what is left out stays, or has its default in a new one. */
export interface KeyChange {
  readonly rotationPeriodSeconds?: number | undefined;
  readonly verificationTtlSeconds?: number | undefined;
  readonly allowedClientIds?: readonly string[] | undefined;
  /** As it was given. */
  readonly algorithm?: string | undefined;
}

const minRotationPeriodSeconds = 60;
const maxPeriodsOfVerification = 10;

/**
 * Makes a key, with two pairs at once, or changes one. Another algorithm takes new pairs.
 * @throws LatchkeyError `REGISTRY_FIELD_INVALID`, in this order: a period under a minute; a verification
 *   of over ten periods, or shorter than the tokens of a role or a client that use the key live; an
 *   algorithm that there is not; a list beyond its limits
 * @throws LatchkeyError `REGISTRY_PRIVILEGE_MISSING`, `STORE_BUSY`
 * @see Vault: POST identity/oidc/key/:name
 */
export async function writeKey(
  services: ObjectServices & KeyServices,
  request: ActorRequest,
  name: string,
  change: KeyChange,
): Promise<void> {
  const now = services.clock.now();
  const fresh = new FreshPairs(services, now);
  await writeObject(services, request, keys, name, async (state, present) => {
    if (present === undefined) requireRoom(state, 'oidc-key');
    const settings = settingsOf(state, name, present, change);
    const record =
      present === undefined
        ? await newRing(name, settings, fresh, now)
        : await changedRing(present, settings, fresh, now);
    return { changes: [putRecord('oidc-key', record)], result: undefined };
  });
}

function settingsOf(
  state: AccountState,
  name: string,
  present: KeyRecord | undefined,
  change: KeyChange,
): KeySettings {
  const rotationPeriodSeconds =
    change.rotationPeriodSeconds ?? present?.rotationPeriodSeconds ?? defaultKeyTtlSeconds;
  const verificationTtlSeconds =
    change.verificationTtlSeconds ?? present?.verificationTtlSeconds ?? defaultKeyTtlSeconds;
  if (rotationPeriodSeconds < minRotationPeriodSeconds) {
    throw fieldInvalid('rotation_period must be at least one minute');
  }
  if (verificationTtlSeconds > maxPeriodsOfVerification * rotationPeriodSeconds) {
    throw fieldInvalid('verification_ttl cannot be longer than 10x rotation_period');
  }
  if (present !== undefined) requireTokensVerify(state, name, verificationTtlSeconds);
  const algorithm = readAlgorithm(change.algorithm ?? present?.algorithm ?? 'RS256');
  const allowedClientIds = change.allowedClientIds ?? present?.allowedClientIds ?? [];
  requireLimits('allowed_client_ids', allowedClientIds);
  return { rotationPeriodSeconds, verificationTtlSeconds, algorithm, allowedClientIds };
}

/** What a key signed must verify for as long as it is valid. */
function requireTokensVerify({ registry }: AccountState, key: string, verificationTtlSeconds: number): void {
  const role = registry
    .all('oidc-role')
    .find((each) => each.key === key && each.ttlSeconds > verificationTtlSeconds);
  if (role !== undefined) {
    throw fieldInvalid(
      `verification_ttl cannot be shorter than the ttl of the roles that use the key; the role "${role.name}" has ${String(role.ttlSeconds)} seconds`,
    );
  }
  const client = registry
    .all('oidc-client')
    .find((each) => each.key === key && each.idTokenTtlSeconds > verificationTtlSeconds);
  if (client !== undefined) {
    throw fieldInvalid(
      `verification_ttl cannot be shorter than the id_token_ttl of the clients that use the key; the client "${client.name}" has ${String(client.idTokenTtlSeconds)} seconds`,
    );
  }
}

function readAlgorithm(text: string): SigningAlgorithm {
  const algorithm = signingAlgorithms.find((each) => each === text);
  if (algorithm === undefined) throw fieldInvalid(`algorithm must be one of ${signingAlgorithms.join(', ')}`);
  return algorithm;
}

/**
 * Rotates a key now, whenever it would be due.
 * @param verificationTtlSeconds how long what it signed until now still verifies; by default as the key says
 * @throws LatchkeyError `REGISTRY_FIELD_INVALID`: no such key, or as many pairs of it verify as are kept
 * @throws LatchkeyError `REGISTRY_PRIVILEGE_MISSING`: no `update`
 * @throws LatchkeyError `STORE_BUSY`
 * @see Vault: POST identity/oidc/key/:name/rotate
 */
export async function rotateKey(
  services: ObjectServices & KeyServices,
  request: ActorRequest,
  name: string,
  verificationTtlSeconds?: number,
): Promise<void> {
  const now = services.clock.now();
  const fresh = new FreshPairs(services, now);
  await rotateObject(services, request, keys, name, async (_state, present) => {
    // Clients take a key whose failure has these words for one that is gone.
    if (present === undefined) throw fieldInvalid(`no named key found at "${name}"`);
    const record = await rotatedByHand(present, fresh, now, verificationTtlSeconds);
    if (record === undefined) throw fieldInvalid('too many pairs of the key still verify');
    return { changes: [putRecord('oidc-key', record)], result: undefined };
  });
}
