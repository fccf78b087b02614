import type { ActorRequest } from '../../request.ts';
import type { Services } from '../../services.ts';
import { ensurePairs } from '../keys/signing.ts';
import { requireRegistryPrivilege } from '../registry/access.ts';
import type { ClientRecord } from '../registry/records.ts';
import { putRecord, removeRecord } from '../registry/registry.ts';
import { changedClient, type ClientChange } from './clients-change.ts';
import { openClient, type ShownClient } from './clients.ts';
import { requireRoom, showObject, writeObject, type ObjectKind, type ObjectServices } from './objects.ts';

/** Clients. Providers and keys that name the id of one that was removed go on naming it. */
export const clients: ObjectKind<ClientRecord> = {
  kind: 'clients',
  find: ({ registry }, name) => registry.clientNamed('vault', name),
  all: ({ registry }) => registry.clientsOf('vault'),
  removal: (_state, { clientId }) => removeRecord('oidc-client', clientId),
};

export type ClientServices = ObjectServices & Pick<Services, 'keyring'>;

/**
 * Makes or changes a client. Its id and its secret are made with it and stay; so do its key and its type.
 * Keys and providers go on allowing the id of a client that was removed. So an id from elsewhere takes
 * `create` on all clients: whoever may make the one of a name does not become another.
 * @throws LatchkeyError `REGISTRY_FIELD_INVALID`, `REGISTRY_RECORD_EXISTS`: nothing is stored
 * @throws LatchkeyError `REGISTRY_PRIVILEGE_MISSING`, `STORE_BUSY`
 * @see Vault: POST identity/oidc/client/:name
 */
export async function writeClient(
  services: ClientServices,
  request: ActorRequest,
  name: string,
  change: ClientChange,
): Promise<void> {
  const key = await writeObject(services, request, clients, name, (state, present) => {
    if (present === undefined) {
      requireRoom(state, 'oidc-client');
      if (change.clientId !== undefined)
        requireRegistryPrivilege({ state }, request.actor, 'create', 'clients');
    }
    const record = changedClient(services.keyring, state, name, present, change, services.clock.now());
    return { changes: [putRecord('oidc-client', record)], result: record.key };
  });
  // So that relying parties find the public half before anything is signed.
  await ensurePairs(services, services.settings.account, key);
}

/**
 * A client with its secret.
 * @throws LatchkeyError `SEALED_VALUE_INVALID`, `DATA_KEY_UNKNOWN`
 * @see Vault: GET identity/oidc/client/:name; `showObject` states what else is thrown
 */
export async function showClient(
  services: ClientServices,
  request: ActorRequest,
  name: string,
): Promise<ShownClient> {
  return openClient(services.keyring, await showObject(services, request, clients, name));
}
