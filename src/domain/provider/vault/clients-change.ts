/** What a write makes of a client: its defaults, what never changes, and what is refused. */
import type { Keyring } from '../../../ports/keyring.ts';
import type { AccountState } from '../../accounts/account-state.ts';
import { LatchkeyError } from '../../errors.ts';
import { keyNamed } from '../keys/ring.ts';
import type { ClientGrant, ClientRecord } from '../registry/records.ts';
import { assignmentNamed } from './assignments.ts';
import {
  readAccessTokenFormat,
  readClientId,
  readClientType,
  readLogoutUri,
  readLogoutUris,
  readSecret,
  readTtl,
} from './clients-fields.ts';
import { isSecretOf, newClientId, newSecret, openClient, sealSecret } from './clients.ts';
import { fieldInvalid, keptList, requireText } from './fields.ts';

/** What is to be of a client; what is left out stays, or is as {@link newClient} has it. */
export interface ClientChange {
  readonly key?: string | undefined;
  readonly redirectUris?: readonly string[] | undefined;
  readonly assignments?: readonly string[] | undefined;
  readonly clientType?: string | undefined;
  readonly idTokenTtlSeconds?: number | undefined;
  readonly accessTokenTtlSeconds?: number | undefined;
  /** OpenBao's. */
  readonly authorizationCode?: boolean | undefined;
  readonly clientCredentials?: boolean | undefined;
  /** The rest is ours. An id and a secret from elsewhere are taken when the client is made. */
  readonly clientId?: string | undefined;
  readonly clientSecret?: string | undefined;
  readonly refreshToken?: boolean | undefined;
  readonly refreshTokenTtlSeconds?: number | undefined;
  readonly tokenExchange?: boolean | undefined;
  readonly accessTokenFormat?: string | undefined;
  readonly postLogoutRedirectUris?: readonly string[] | undefined;
  readonly backchannelLogoutUri?: string | undefined;
  readonly disabled?: boolean | undefined;
}

const secondsPerDay = 24 * 60 * 60;

/** A client that was given nothing but a name. */
export const clientDefaults = {
  key: 'default',
  type: 'confidential',
  disabled: false,
  grants: ['authorization_code'],
  redirectUris: [],
  postLogoutRedirectUris: [],
  accessTokenFormat: 'opaque',
  idTokenTtlSeconds: secondsPerDay,
  accessTokenTtlSeconds: secondsPerDay,
  refreshTokenTtlSeconds: 30 * secondsPerDay,
  assignments: [],
} as const;

/**
 * A client as a write would make or change it. Checked in Vault's order: assignments, key, the
 * lifetime of ID tokens against the key, the type; then what is ours.
 * @param present the client that is there
 * @throws LatchkeyError `REGISTRY_FIELD_INVALID`
 * @throws LatchkeyError `REGISTRY_RECORD_EXISTS`: the id that is to be taken is some client's
 */
export function changedClient(
  keyring: Keyring,
  state: AccountState,
  name: string,
  present: ClientRecord | undefined,
  change: ClientChange,
  now: number,
): ClientRecord {
  const assignments = assignmentsOf(state, present, change);
  const key = change.key ?? present?.key ?? clientDefaults.key;
  const idTokenTtlSeconds = idTokenTtlOf(state, key, present, change);
  const type = typeOf(present, change);
  const before = present ?? newClient(state, name, change, now);
  const { backchannelLogoutUri: logoutUriBefore, ...rest } = before;
  const backchannelLogoutUri = read(change.backchannelLogoutUri, logoutUriBefore, readLogoutUri);
  const accessTokenTtlSeconds = change.accessTokenTtlSeconds ?? before.accessTokenTtlSeconds;
  const refreshTokenTtlSeconds = change.refreshTokenTtlSeconds ?? before.refreshTokenTtlSeconds;
  return {
    ...rest,
    type,
    key,
    assignments,
    idTokenTtlSeconds,
    accessTokenTtlSeconds: readTtl('access_token_ttl', accessTokenTtlSeconds),
    refreshTokenTtlSeconds: readTtl('refresh_token_ttl', refreshTokenTtlSeconds),
    redirectUris: read(change.redirectUris, before.redirectUris, (uris) => keptList('redirect_uris', uris)),
    postLogoutRedirectUris: read(
      change.postLogoutRedirectUris,
      before.postLogoutRedirectUris,
      readLogoutUris,
    ),
    ...(backchannelLogoutUri === undefined ? {} : { backchannelLogoutUri }),
    accessTokenFormat: read(change.accessTokenFormat, before.accessTokenFormat, readAccessTokenFormat),
    grants: grantsOf(type, before, change),
    disabled: change.disabled ?? before.disabled,
    secrets: secretsOf(keyring, type, before, present, change, now),
    updatedAt: now,
  };
}

/** What was given, read, or what there was before. */
function read<G, V>(given: G | undefined, before: V, as: (given: G) => V): V {
  return given === undefined ? before : as(given);
}

function assignmentsOf(
  state: AccountState,
  present: ClientRecord | undefined,
  { assignments }: ClientChange,
): readonly string[] {
  const kept = read(assignments, present?.assignments ?? [], (names) => keptList('assignments', names));
  for (const assignment of kept) {
    if (assignmentNamed(state, assignment) === undefined) {
      throw fieldInvalid(`assignment "${assignment}" does not exist`);
    }
  }
  return kept;
}

function idTokenTtlOf(
  state: AccountState,
  key: string,
  present: ClientRecord | undefined,
  { idTokenTtlSeconds }: ClientChange,
): number {
  if (present !== undefined && key !== present.key) {
    throw fieldInvalid('key cannot be changed once the client is there');
  }
  requireText('key', key);
  const signing = keyNamed(state, key);
  if (signing === undefined) throw fieldInvalid(`key "${key}" does not exist`);
  const wanted = idTokenTtlSeconds ?? present?.idTokenTtlSeconds ?? clientDefaults.idTokenTtlSeconds;
  const seconds = readTtl('id_token_ttl', wanted);
  if (seconds > signing.verificationTtlSeconds) {
    throw fieldInvalid('id_token_ttl must not be longer than the verification_ttl of the key');
  }
  return seconds;
}

function typeOf(present: ClientRecord | undefined, { clientType }: ClientChange): 'confidential' | 'public' {
  const before = present?.type === 'public' ? 'public' : clientDefaults.type;
  if (clientType === undefined) return before;
  const type = readClientType(clientType);
  if (present !== undefined && type !== present.type) {
    throw fieldInvalid('client_type cannot be changed once the client is there');
  }
  return type;
}

function newClient(state: AccountState, name: string, { clientId }: ClientChange, now: number): ClientRecord {
  return {
    ...clientDefaults,
    clientId: clientId === undefined ? unusedClientId(state) : importedClientId(state, clientId),
    dialect: 'vault',
    name,
    secrets: [],
    scopes: [],
    audiences: [],
    permissions: [],
    createdAt: now,
    updatedAt: now,
  };
}

function unusedClientId({ registry }: AccountState): string {
  for (;;) {
    const id = newClientId();
    if (registry.get('oidc-client', id) === undefined) return id;
  }
}

/** Ids are of one namespace, whatever the dialect that manages the client. */
function importedClientId({ registry }: AccountState, given: string): string {
  const id = readClientId(given);
  if (registry.get('oidc-client', id) !== undefined) {
    throw new LatchkeyError('REGISTRY_RECORD_EXISTS', { detail: 'client_id is in use' });
  }
  return id;
}

type Grants = Readonly<Partial<Record<ClientGrant, boolean | undefined>>>;

function grantsOf(
  type: 'confidential' | 'public',
  { grants }: ClientRecord,
  change: ClientChange,
): readonly ClientGrant[] {
  const wanted: Grants = {
    authorization_code: change.authorizationCode,
    refresh_token: change.refreshToken,
    client_credentials: change.clientCredentials,
    token_exchange: change.tokenExchange,
  };
  const kept = (Object.keys(wanted) as ClientGrant[]).filter(
    (grant) => wanted[grant] ?? grants.includes(grant),
  );
  // Whoever knows the id of such a client would get its tokens.
  if (type === 'public' && kept.includes('client_credentials')) {
    throw fieldInvalid('client_credentials is for confidential clients');
  }
  if (
    kept.includes('refresh_token') &&
    !kept.some((grant) => grant === 'authorization_code' || grant === 'token_exchange')
  ) {
    throw fieldInvalid('refresh_token needs authorization_code or token_exchange');
  }
  return kept;
}

/** A secret is made, or taken, with the client. Whoever states it again may: the same request may come twice. */
function secretsOf(
  keyring: Keyring,
  type: 'confidential' | 'public',
  before: ClientRecord,
  present: ClientRecord | undefined,
  { clientId, clientSecret }: ClientChange,
  now: number,
): ClientRecord['secrets'] {
  if (type === 'public' && clientSecret !== undefined)
    throw fieldInvalid('a public client has no client_secret');
  if (present === undefined) {
    if (type === 'public') return [];
    const secret = clientSecret === undefined ? newSecret() : readSecret(clientSecret);
    return [sealSecret(keyring, before.clientId, secret, now)];
  }
  if (clientId !== undefined && clientId !== present.clientId) {
    throw fieldInvalid('client_id cannot be changed once the client is there');
  }
  if (clientSecret !== undefined && !isSecretOf(openClient(keyring, present), clientSecret)) {
    throw fieldInvalid(
      'client_secret cannot be changed once the client is there; rotate-secret makes a new one',
    );
  }
  return present.secrets;
}
