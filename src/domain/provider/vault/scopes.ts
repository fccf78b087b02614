/** The scopes of Vault's dialect: each a template of claims. */
import type { AccountState } from '../../accounts/account-state.ts';
import type { ActorRequest } from '../../request.ts';
import type { ScopeRecord } from '../registry/records.ts';
import { putRecord, removeRecord } from '../registry/registry.ts';
import { validateTemplate } from '../templates/claims.ts';
import { fieldInvalid, inUse, requireText } from './fields.ts';
import {
  listObjects,
  removeObject,
  requireRoom,
  showObject,
  writeObject,
  type ObjectServices,
  type Subject,
} from './objects.ts';
import { allProviders } from './providers.ts';

/** What is to be of a scope; what is left out stays, or is empty of a new one. */
export interface ScopeChange {
  /** JSON with directives, or that in base64. */
  readonly template?: string | undefined;
  readonly description?: string | undefined;
}

/** The scope that makes a request one of OpenID Connect; it stands for no template. */
const reservedName = 'openid';

/**
 * Makes or changes a scope. A change is in effect at once for the providers that have it.
 * @throws LatchkeyError `REGISTRY_FIELD_INVALID`: the name `openid`; a description of more than 2,048 characters
 * @throws LatchkeyError `CLAIMS_TEMPLATE_INVALID`
 * @throws LatchkeyError `REGISTRY_PRIVILEGE_MISSING`, `STORE_BUSY`
 * @see Vault: POST identity/oidc/scope/:name
 */
export async function writeScope(
  services: ObjectServices,
  request: ActorRequest,
  name: string,
  { template, description }: ScopeChange,
): Promise<void> {
  await writeObject(services, request, subject(name), (state, present) => {
    if (name === reservedName) throw fieldInvalid('the scope name "openid" is reserved');
    if (present === undefined) requireRoom(state, 'oidc-scope');
    if (description !== undefined) requireText('description', description);
    const record: ScopeRecord = {
      name,
      template: template === undefined ? (present?.template ?? '') : validateTemplate(template),
      description: description ?? present?.description ?? '',
    };
    return { changes: [putRecord('oidc-scope', record)], result: undefined };
  });
}

/** @see Vault: GET identity/oidc/scope/:name; `showObject` states what is thrown */
export async function showScope(
  services: ObjectServices,
  request: ActorRequest,
  name: string,
): Promise<ScopeRecord> {
  return showObject(services, request, subject(name));
}

/** @see Vault: LIST identity/oidc/scope; `listObjects` states what is thrown */
export async function listScopes(
  services: ObjectServices,
  request: ActorRequest,
): Promise<readonly ScopeRecord[]> {
  return listObjects(services, request, 'scopes', ({ registry }) => registry.all('oidc-scope'));
}

/**
 * Removes a scope.
 * @throws LatchkeyError `REGISTRY_RECORD_IN_USE`: providers support it
 * @throws LatchkeyError `REGISTRY_PRIVILEGE_MISSING`, `STORE_BUSY`
 * @see Vault: DELETE identity/oidc/scope/:name
 */
export async function deleteScope(
  services: ObjectServices,
  request: ActorRequest,
  name: string,
): Promise<void> {
  await removeObject(services, request, subject(name), (state) => {
    const users = allProviders(state).filter(({ scopesSupported }) => scopesSupported.includes(name));
    if (users.length > 0) {
      throw inUse(
        'scope',
        name,
        'providers',
        users.map((provider) => provider.name),
      );
    }
    return { changes: [removeRecord('oidc-scope', name)], result: undefined };
  });
}

function subject(name: string): Subject<ScopeRecord> {
  return { kind: 'scopes', name, find: ({ registry }: AccountState) => registry.get('oidc-scope', name) };
}
