/** Making, changing and removing apps. */
import type { AccountView } from '../../accounts/authority.ts';
import type { RegistryEvent } from '../../audit/provider-events.ts';
import { actorView } from '../../actor-view.ts';
import { LatchkeyError } from '../../errors.ts';
import type { Account } from '../../ids.ts';
import type { ActorRequest } from '../../request.ts';
import type { Services } from '../../services.ts';
import { ensurePairs } from '../keys/signing.ts';
import { requireRegistryPrivilege, type RegistryPrivilege } from '../registry/access.ts';
import { changeRegistry, type Decision } from '../registry/change.ts';
import type { ClientRecord, KeyRecord, PermissionAssignment } from '../registry/records.ts';
import { putRecord, removeRecord } from '../registry/registry.ts';
import { auditedRegistry } from '../registry/audited-registry.ts';
import { appKeyName, appNamed, newApp, newSecret, withSettings, type AppSettings } from './app.ts';
import { groupOfId, methodOf } from './directory.ts';
import { invalid, maxEntries } from './fields.ts';

type ManagingServices = Pick<Services, 'authority' | 'audit' | 'clock' | 'keyring'>;

const msPerSecond = 1_000;
const secondsPerDay = 24 * 60 * 60;

/** How long a secret still works after it was replaced: an hour unless said, a week at most. */
export const overlapSeconds = { usual: 60 * 60, most: 7 * secondsPerDay } as const;

/** Turned every thirty days; what it signed lives an hour, and relying parties may keep its keys for a day. */
const newAppKey: KeyRecord = {
  name: appKeyName,
  algorithm: 'RS256',
  rotationPeriodSeconds: 30 * secondsPerDay,
  verificationTtlSeconds: secondsPerDay,
  allowedClientIds: ['*'],
  pairs: [],
  nextRotationAt: 0,
};

/** What is told of an app once: its secret is not kept. */
export interface ShownApp {
  readonly name: string;
  readonly clientId: string;
  /** Absent of a public app. */
  readonly clientSecret?: string;
}

/**
 * Makes an app.
 * @throws LatchkeyError `REGISTRY_PRIVILEGE_MISSING`: no `create` on `conjur/oidc/clients`
 * @throws LatchkeyError `REGISTRY_RECORD_EXISTS`: an app has this name
 * @throws LatchkeyError `REGISTRY_FIELD_INVALID`: the assignment names an id that nothing has
 * @throws LatchkeyError `STORE_BUSY`, `AUDIT_UNAVAILABLE`, `ACCESS_TOKEN_ROLE_GONE`
 * @see Akeyless: create-oidc-app
 */
export async function createApp(
  services: ManagingServices,
  request: ActorRequest,
  account: Account,
  name: string,
  type: 'confidential' | 'public',
  settings: AppSettings,
): Promise<ShownApp> {
  const now = services.clock.now();
  const secret = type === 'public' ? undefined : newSecret(now);
  const app = newApp(name, type, secret === undefined ? [] : [secret.kept], settings, now);
  await changeApps(services, request, account, 'create', name, (view) => {
    requireFree(view, name);
    requireKnownIds(view, app.permissions, []);
    const keyMissing = view.state.registry.get('oidc-key', appKeyName) === undefined;
    const changes = [
      ...(keyMissing ? [putRecord('oidc-key', newAppKey)] : []),
      putRecord('oidc-client', app),
    ];
    return { changes, result: undefined };
  });
  await ensurePairs(services, account, appKeyName);
  return { name, clientId: app.clientId, ...(secret === undefined ? {} : { clientSecret: secret.value }) };
}

/**
 * Changes an app. Each list that is given replaces the old one; id, secret and type stay.
 * @param type the type that the caller takes it to have, where it says so
 * @throws LatchkeyError `REGISTRY_PRIVILEGE_MISSING`: no `update` on `conjur/oidc/clients`, nor on the app's own webservice
 * @throws LatchkeyError `REGISTRY_RECORD_NOT_FOUND`
 * @throws LatchkeyError `REGISTRY_FIELD_INVALID`: it is of the other type; the assignment names an id that nothing has
 * @see Akeyless: update-oidc-app, update-item
 */
export async function updateApp(
  services: ManagingServices,
  request: ActorRequest,
  account: Account,
  name: string,
  settings: AppSettings,
  type?: 'confidential' | 'public',
): Promise<void> {
  await changeApps(services, request, account, 'update', name, (view) => {
    const app = appNamed(view, name);
    if (type !== undefined && type !== app.type)
      throw invalid('public', 'cannot be changed: make another app');
    requireKnownIds(view, settings.permissions ?? [], app.permissions);
    const changed = withSettings(app, settings, services.clock.now());
    return { changes: [putRecord('oidc-client', changed)], result: undefined };
  });
}

/** What `update-item` changes: the name, what people read, and the protection from being deleted. */
export interface ItemChange {
  readonly newName?: string;
  readonly addTags: readonly string[];
  readonly removeTags: readonly string[];
  readonly settings: AppSettings;
}

/**
 * Renames an app, or changes what is said about it. Its id and secret stay; the new name may be in a
 * folder that there was not.
 * @throws LatchkeyError `REGISTRY_PRIVILEGE_MISSING`, also of the new name; `REGISTRY_RECORD_NOT_FOUND`
 * @throws LatchkeyError `REGISTRY_RECORD_EXISTS`: an app has the new name
 * @throws LatchkeyError `REGISTRY_FIELD_INVALID`: over 100 tags
 * @see Akeyless: update-item
 */
export async function updateItem(
  services: ManagingServices,
  request: ActorRequest,
  account: Account,
  name: string,
  { newName = name, addTags, removeTags, settings }: ItemChange,
): Promise<void> {
  await changeApps(services, request, account, 'update', name, (view) => {
    const app = appNamed(view, name);
    if (newName !== name) {
      requireRegistryPrivilege(view, request.actor, 'create', 'clients', newName);
      requireFree(view, newName);
    }
    const kept = (app.tags ?? []).filter((tag) => !removeTags.includes(tag));
    const tags = [...new Set([...kept, ...addTags])];
    if (tags.length > maxEntries) throw invalid('add-tag', `makes more than ${maxEntries} tags`);
    const changed = withSettings(app, { ...settings, tags }, services.clock.now());
    return { changes: [putRecord('oidc-client', { ...changed, name: newName })], result: undefined };
  });
}

/**
 * Removes an app: its tokens stop working with the next request, in every process.
 * @returns its client id
 * @throws LatchkeyError `REGISTRY_PRIVILEGE_MISSING`, `REGISTRY_RECORD_NOT_FOUND`
 * @throws LatchkeyError `REGISTRY_RECORD_IN_USE`: it is protected
 * @see Akeyless: delete-item
 */
export async function deleteApp(
  services: ManagingServices,
  request: ActorRequest,
  account: Account,
  name: string,
): Promise<string> {
  return changeApps(services, request, account, 'delete', name, (view) => {
    const app = appNamed(view, name);
    if (app.deleteProtection === true) {
      throw new LatchkeyError('REGISTRY_RECORD_IN_USE', {
        detail: 'The app is protected from being deleted',
      });
    }
    return { changes: [removeRecord('oidc-client', app.clientId)], result: app.clientId };
  });
}

/**
 * Gives an app a new secret. The one before it goes on working for a while, so that its holders can be
 * told; all older ones end at once.
 * @param overlap how long the old secret still works, in seconds; 0: not at all
 * @throws LatchkeyError `REGISTRY_PRIVILEGE_MISSING`, `REGISTRY_RECORD_NOT_FOUND`
 * @throws LatchkeyError `REGISTRY_FIELD_INVALID`: a public app has no secret
 * @see Akeyless: rotate-oidc-client-secret
 */
export async function rotateSecret(
  services: ManagingServices,
  request: ActorRequest,
  account: Account,
  name: string,
  overlap: number,
): Promise<Required<ShownApp>> {
  const now = services.clock.now();
  const secret = newSecret(now);
  const clientId = await changeApps(
    services,
    request,
    account,
    'update',
    name,
    (view) => {
      const app = appNamed(view, name);
      if (app.type === 'public') throw invalid('name', 'is that of a public app, which has no secret');
      const secrets = [...overlapping(app, now, now + overlap * msPerSecond), secret.kept];
      return {
        changes: [putRecord('oidc-client', { ...app, secrets, updatedAt: now })],
        result: app.clientId,
      };
    },
    'rotate',
  );
  return { name, clientId, clientSecret: secret.value };
}

function overlapping({ secrets }: ClientRecord, now: number, until: number): ClientRecord['secrets'] {
  const newest = secrets.at(-1);
  if (newest === undefined || until <= now || (newest.expiresAt ?? until) <= now) return [];
  return [{ ...newest, expiresAt: Math.min(newest.expiresAt ?? until, until) }];
}

function changeApps<T>(
  services: ManagingServices,
  request: ActorRequest,
  account: Account,
  privilege: Exclude<RegistryPrivilege, 'read'>,
  name: string,
  decide: (view: AccountView) => Decision<T>,
  operation: RegistryEvent['operation'] = privilege,
): Promise<T> {
  return auditedRegistry(services, request, { operation, kind: 'clients', name }, () =>
    changeRegistry(
      services,
      account,
      () => actorView(services, request.actor, account, []),
      (view) => {
        requireRegistryPrivilege(view, request.actor, privilege, 'clients', name);
        return decide(view);
      },
    ),
  );
}

function requireFree({ state }: AccountView, name: string): void {
  if (state.registry.clientNamed('akeyless', name) === undefined) return;
  throw new LatchkeyError('REGISTRY_RECORD_EXISTS', { detail: 'There is an app of this name' });
}

/** An id that was assigned before may stay: what it stood for may be gone, and would then keep the rest from being changed. */
function requireKnownIds(
  { state }: AccountView,
  permissions: readonly PermissionAssignment[],
  before: readonly PermissionAssignment[],
): void {
  for (const { accessId, groupId } of permissions) {
    if (before.some((entry) => entry.accessId === accessId && entry.groupId === groupId)) continue;
    if (accessId !== undefined && methodOf(state, accessId) === undefined) {
      throw invalid('permission-assignment', `names an access_id that nothing has: ${accessId}`);
    }
    if (groupId !== undefined && groupOfId(state, groupId) === undefined) {
      throw invalid('permission-assignment', `names a group_id that no group has: ${groupId}`);
    }
  }
}
