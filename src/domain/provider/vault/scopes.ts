/** The scopes of Vault's dialect: each a template of claims. */
import type { ActorRequest } from '../../request.ts';
import type { ScopeRecord } from '../registry/records.ts';
import { putRecord, removeRecord } from '../registry/registry.ts';
import { validateTemplate } from '../templates/claims.ts';
import { fieldInvalid, requireText, requireUnused } from './fields.ts';
import { requireRoom, writeObject, type ObjectKind, type ObjectServices } from './objects.ts';
import { allProviders } from './providers.ts';

/** Scopes, which are removed unless providers support them (`REGISTRY_RECORD_IN_USE`). */
export const scopes: ObjectKind<ScopeRecord> = {
  kind: 'scopes',
  find: ({ registry }, name) => registry.get('oidc-scope', name),
  all: ({ registry }) => registry.all('oidc-scope'),
  removal: (state, { name }) => {
    const users = allProviders(state).filter(({ scopesSupported }) => scopesSupported.includes(name));
    requireUnused(`scope "${name}"`, 'providers', users);
    return removeRecord('oidc-scope', name);
  },
};

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
  await writeObject(services, request, scopes, name, (state, present) => {
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
