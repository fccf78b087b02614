/** The roles of identity tokens: what such a token claims, for how long, and which key signs it. */
import type { AccountState } from '../../accounts/account-state.ts';
import type { ActorRequest } from '../../request.ts';
import { keyNamed } from '../keys/ring.ts';
import { ensurePairs, type KeyServices } from '../keys/signing.ts';
import { randomBase62 } from '../random-text.ts';
import type { IdentityTokenRoleRecord } from '../registry/records.ts';
import { putRecord, removeRecord } from '../registry/registry.ts';
import { validateTemplate } from '../templates/claims.ts';
import { fieldInvalid, requireText } from './fields.ts';
import { requireRoom, writeObject, type ObjectKind, type ObjectServices } from './objects.ts';

/** Roles. Tokens of one that was removed stay valid while its key is published for another role. */
export const identityTokenRoles: ObjectKind<IdentityTokenRoleRecord> = {
  kind: 'roles',
  find: ({ registry }, name) => registry.get('oidc-role', name),
  all: ({ registry }) => registry.all('oidc-role'),
  removal: (_state, { name }) => removeRecord('oidc-role', name),
};

/** What is to be of a role; what is left out stays, or has its default in a new one. */
export interface RoleChange {
  /** A new role needs one. */
  readonly key?: string | undefined;
  /** JSON with directives, or that in base64. */
  readonly template?: string | undefined;
  readonly ttlSeconds?: number | undefined;
  /** Whom its tokens are for; 26 random characters in a new role, or where it is empty. */
  readonly clientId?: string | undefined;
}

const defaultTtlSeconds = 24 * 60 * 60;
const clientIdCharacters = 26;
const maxClientIdCharacters = 512;

/**
 * Makes or changes a role.
 * @throws LatchkeyError `REGISTRY_FIELD_INVALID`: no key, or one that there is not; tokens that would
 *   live longer than the key verifies; a client id of over 512 characters
 * @throws LatchkeyError `CLAIMS_TEMPLATE_INVALID`
 * @throws LatchkeyError `REGISTRY_PRIVILEGE_MISSING`, `STORE_BUSY`
 * @see Vault: POST identity/oidc/role/:name
 */
export async function writeRole(
  services: ObjectServices & KeyServices,
  request: ActorRequest,
  name: string,
  change: RoleChange,
): Promise<void> {
  const { key } = await writeObject(services, request, identityTokenRoles, name, (state, present) => {
    if (present === undefined) requireRoom(state, 'oidc-role');
    const record = roleOf(state, name, present, change);
    return { changes: [putRecord('oidc-role', record)], result: record };
  });
  await ensurePairs(services, services.settings.account, key);
}

function roleOf(
  state: AccountState,
  name: string,
  present: IdentityTokenRoleRecord | undefined,
  change: RoleChange,
): IdentityTokenRoleRecord {
  const key = change.key ?? present?.key ?? '';
  if (key === '') throw fieldInvalid('the key parameter is required');
  const keyRecord = keyNamed(state, key);
  if (keyRecord === undefined) throw fieldInvalid(`cannot find key "${key}"`);
  const template =
    change.template === undefined ? (present?.template ?? '') : validateTemplate(change.template);
  const ttlSeconds = change.ttlSeconds ?? present?.ttlSeconds ?? defaultTtlSeconds;
  if (ttlSeconds > keyRecord.verificationTtlSeconds) {
    throw fieldInvalid(
      `the ttl of a role cannot be longer than the verification_ttl of its key, which is ${String(keyRecord.verificationTtlSeconds)} seconds`,
    );
  }
  const clientId = change.clientId ?? present?.clientId ?? '';
  requireText('client_id', clientId, maxClientIdCharacters);
  return {
    name,
    key,
    template,
    ttlSeconds,
    clientId: clientId === '' ? randomBase62(clientIdCharacters) : clientId,
  };
}
