import { textOf } from '../utf8.ts';
import { untilCommitted } from '../accounts/until-committed.ts';
import { audited } from '../audited.ts';
import { LatchkeyError } from '../errors.ts';
import { partsOf, storedAccount, type ResourceId } from '../ids.ts';
import { isDynamic } from '../issuers/dynamic-variables.ts';
import { occurrence } from '../occurrence.ts';
import type { StoredRecord } from '../../ports/store.ts';
import { secretKey } from '../records/keys.ts';
import { changesToAdd, decodeSecretHead, secretSealName, type SecretHead } from '../records/secrets.ts';
import type { ActorRequest } from '../request.ts';
import type { Services } from '../services.ts';
import { openRecorded } from './open-recorded.ts';
import { updatableView } from './updatable.ts';

const maxAttempts = 100;
const publicKeyForm = /^ssh-(?:rsa|ed25519|ecdsa-\S+) [A-Za-z0-9+/]+={0,2}(?: [^\r\n]*)?$/;

type SetServices = Pick<Services, 'authority' | 'keyring' | 'clock' | 'audit' | 'settings'>;

/**
 * Adds a value to a variable (or a public key). One that equals the newest changes nothing.
 *
 * The attempt is audited (`update`) before this settles, whatever the outcome.
 *
 * @param value opaque bytes, up to the configured limit
 * @throws LatchkeyError `RESOURCE_NOT_FOUND`: missing, or invisible to the role
 * @throws LatchkeyError `PRIVILEGE_MISSING`: visible, but the role lacks `update`
 * @throws LatchkeyError `DYNAMIC_SECRET_SET`: its values are for an issuer to make
 * @throws LatchkeyError `SECRET_EMPTY`: nothing, or white space only
 * @throws LatchkeyError `PUBLIC_KEY_INVALID`
 * @throws LatchkeyError `STORE_BUSY`: the variable kept changing
 * @see Conjur: POST /secrets/{account}/{kind}/{identifier}
 */
export async function setSecret(
  services: SetServices,
  request: ActorRequest,
  resource: ResourceId,
  value: Uint8Array,
): Promise<void> {
  const { role } = request.actor;
  await audited(
    services.audit,
    (failure) => ({ type: 'update', ...occurrence(services, request, failure), role, resource }),
    () =>
      untilCommitted(
        async () => (await tryToSet(services, request, resource, value)) || undefined,
        maxAttempts,
      ),
  );
}

async function tryToSet(
  services: SetServices,
  request: ActorRequest,
  resource: ResourceId,
  value: Uint8Array,
): Promise<boolean> {
  const account = storedAccount(partsOf(resource).account);
  const keys = [secretKey(resource)] as const;
  const view = await updatableView(services, request, resource, keys);
  if (isDynamic(resource, services.settings)) throw new LatchkeyError('DYNAMIC_SECRET_SET');
  requireValue(resource, value);
  const [headRecord] = view.records;
  const head = headRecord === undefined ? undefined : decodeSecretHead(headRecord.value);
  if (head !== undefined && (await isNewest(services, request, resource, head, value))) return true;
  const sealed = services.keyring.seal(value, secretSealName(resource, (head?.version ?? 0) + 1));
  const result = await services.authority.commit(account, {
    changes: changesToAdd(resource, head, sealed, services.settings.secretVersions),
    authority: isAuthoritySetting(resource),
    // That the role may, and that the variable is there, is as of this epoch. Values alone do not end it, so that
    // only changes of authority collide.
    expectEpoch: view.epoch,
    expectRevisions: [{ key: keys[0], revision: revisionOf(headRecord) }],
  });
  return result.committed;
}

async function isNewest(
  services: SetServices,
  request: ActorRequest,
  resource: ResourceId,
  head: SecretHead,
  value: Uint8Array,
): Promise<boolean> {
  const sealName = secretSealName(resource, head.version);
  const newest = await openRecorded(services, request, request.actor.role, head.sealed, sealName);
  return Buffer.compare(newest, value) === 0;
}

function requireValue(resource: ResourceId, value: Uint8Array): void {
  const { kind } = partsOf(resource);
  const text = textOf(value);
  if (kind === 'public_key' && !publicKeyForm.test(text)) throw new LatchkeyError('PUBLIC_KEY_INVALID');
  if (text.trim() === '') throw new LatchkeyError('SECRET_EMPTY');
}

/**
 * Values of variables below `conjur/` are settings of authenticators: part of authority, so
 * that what processes derived from them is dropped as soon as they change.
 */
function isAuthoritySetting(resource: ResourceId): boolean {
  return partsOf(resource).identifier.startsWith('conjur/');
}

function revisionOf(record: StoredRecord | undefined): number {
  return record?.revision ?? 0;
}
