/**
 * The life of the registry's named objects: each act is read, permitted, decided and audited in the
 * same way, and only what an object is made of differs.
 */
import type { AccountState } from '../../accounts/account-state.ts';
import type { AccountView } from '../../accounts/authority.ts';
import { actorView } from '../../actor-view.ts';
import { LatchkeyError } from '../../errors.ts';
import type { Change } from '../../../ports/store.ts';
import type { ActorRequest } from '../../request.ts';
import type { Services } from '../../services.ts';
import { requireRegistryPrivilege, type ManagedKind } from '../registry/access.ts';
import { changeRegistry, type Decision } from '../registry/change.ts';
import type { RegistryKind } from '../registry/records.ts';
import { auditedRegistry } from '../registry/audited-registry.ts';

export type ObjectServices = Pick<Services, 'authority' | 'audit' | 'clock' | 'settings'>;

/** What is peculiar to the objects of a kind. */
export interface ObjectKind<R> {
  readonly kind: ManagedKind;
  /** Finds one, built-in ones included. */
  readonly find: (state: AccountState, name: string) => R | undefined;
  /** All of them, built-in ones included, in ascending order of their names. */
  readonly all: (state: AccountState) => readonly R[];
  /** The change that removes one; throws what keeps it from being removed. */
  readonly removal: (state: AccountState, present: R) => Change;
}

/** Every process keeps them in memory. */
const maxObjects = 10_000;

/**
 * Shows an object. The attempt is audited.
 * @throws LatchkeyError `REGISTRY_PRIVILEGE_MISSING`: no `read`, be there such an object or not
 * @throws LatchkeyError `REGISTRY_RECORD_NOT_FOUND`
 */
export async function showObject<R>(
  services: ObjectServices,
  request: ActorRequest,
  { kind, find }: ObjectKind<R>,
  name: string,
): Promise<R> {
  return auditedRegistry(services, request, { operation: 'read', kind, name }, async () => {
    const view = await viewFor(services, request);
    requireRegistryPrivilege(view, request.actor, 'read', kind, name);
    const found = find(view.state, name);
    if (found === undefined) throw new LatchkeyError('REGISTRY_RECORD_NOT_FOUND');
    return found;
  });
}

/**
 * Lists the objects of a kind. The attempt is audited.
 * @throws LatchkeyError `REGISTRY_PRIVILEGE_MISSING`: no `read` on the kind
 */
export async function listObjects<R>(
  services: ObjectServices,
  request: ActorRequest,
  { kind, all }: ObjectKind<R>,
): Promise<readonly R[]> {
  return auditedRegistry(services, request, { operation: 'list', kind }, async () => {
    const view = await viewFor(services, request);
    requireRegistryPrivilege(view, request.actor, 'read', kind);
    return all(view.state);
  });
}

/**
 * Makes an object, or changes one that is there: decided and committed at once, and audited as
 * whichever of the two it turned out to be.
 * @param decide throws what refuses the change; it may run several times
 * @throws LatchkeyError `REGISTRY_PRIVILEGE_MISSING`: no `create`, or no `update` of what is there
 * @throws LatchkeyError `STORE_BUSY`
 */
export async function writeObject<R, T>(
  services: ObjectServices,
  request: ActorRequest,
  { kind, find }: ObjectKind<R>,
  name: string,
  decide: (state: AccountState, present: R | undefined) => Decision<T> | Promise<Decision<T>>,
): Promise<T> {
  let operation: 'create' | 'update' = 'update';
  return auditedRegistry(
    services,
    request,
    () => ({ operation, kind, name }),
    () =>
      changed(services, request, (view) => {
        const present = find(view.state, name);
        operation = present === undefined ? 'create' : 'update';
        requireRegistryPrivilege(view, request.actor, operation, kind, name);
        return decide(view.state, present);
      }),
  );
}

/**
 * Renews a part of an object that was generated. The attempt is audited as a rotation.
 * @param decide gets undefined where there is no such object
 * @throws LatchkeyError `REGISTRY_PRIVILEGE_MISSING`: no `update`
 * @throws LatchkeyError `STORE_BUSY`
 */
export async function rotateObject<R, T>(
  services: ObjectServices,
  request: ActorRequest,
  { kind, find }: ObjectKind<R>,
  name: string,
  decide: (state: AccountState, present: R | undefined) => Decision<T> | Promise<Decision<T>>,
): Promise<T> {
  return auditedRegistry(services, request, { operation: 'rotate', kind, name }, () =>
    changed(services, request, (view) => {
      requireRegistryPrivilege(view, request.actor, 'update', kind, name);
      return decide(view.state, find(view.state, name));
    }),
  );
}

/**
 * Removes an object; one that is not there is as good as removed. The attempt is audited.
 * @throws LatchkeyError `REGISTRY_PRIVILEGE_MISSING`: no `delete`
 * @throws LatchkeyError what keeps an object of the kind from being removed
 * @throws LatchkeyError `STORE_BUSY`
 */
export async function removeObject<R>(
  services: ObjectServices,
  request: ActorRequest,
  { kind, find, removal }: ObjectKind<R>,
  name: string,
): Promise<void> {
  await auditedRegistry(services, request, { operation: 'delete', kind, name }, () =>
    changed(services, request, (view) => {
      requireRegistryPrivilege(view, request.actor, 'delete', kind, name);
      const present = find(view.state, name);
      return { changes: present === undefined ? [] : [removal(view.state, present)], result: undefined };
    }),
  );
}

/**
 * Makes sure that one more object of a kind can be kept: there may be 10,000.
 * @throws LatchkeyError `REGISTRY_FIELD_INVALID`
 */
export function requireRoom({ registry }: AccountState, kind: RegistryKind): void {
  if (registry.all(kind).length < maxObjects) return;
  throw new LatchkeyError('REGISTRY_FIELD_INVALID', { detail: `there are ${String(maxObjects)} already` });
}

function viewFor({ authority, settings }: ObjectServices, { actor }: ActorRequest): Promise<AccountView> {
  return actorView({ authority }, actor, settings.account, []);
}

function changed<T>(
  services: ObjectServices,
  request: ActorRequest,
  decide: (view: AccountView) => Decision<T> | Promise<Decision<T>>,
): Promise<T> {
  return changeRegistry(services, services.settings.account, () => viewFor(services, request), decide);
}
