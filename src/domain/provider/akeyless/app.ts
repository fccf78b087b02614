/** An app: a client of the registry in Akeyless' dialect. */
import { createHash } from 'node:crypto';
import type { AccountView } from '../../accounts/authority.ts';
import { LatchkeyError } from '../../errors.ts';
import { randomHex, randomLowerAlnum } from '../random-text.ts';
import type { ClientGrant, ClientRecord, ClientSecret, PermissionAssignment } from '../registry/records.ts';

/** What of an app can be set; what is undefined is left as it is. */
export interface AppSettings {
  readonly redirectUris?: readonly string[];
  readonly scopes?: readonly string[];
  readonly audiences?: readonly string[];
  readonly permissions?: readonly PermissionAssignment[];
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly deleteProtection?: boolean;
}

/** The named key that signs the tokens of all apps. */
export const appKeyName = 'akeyless';

const secondsPerHour = 60 * 60;
const tokenTtlSeconds = secondsPerHour;
const refreshTokenTtlSeconds = 30 * 24 * secondsPerHour;

const clientIdCharacters = 20;
const secretCharacters = 64;
const secretIdCharacters = 16;

/** A secret, and the form in which it is kept. */
export interface NewSecret {
  readonly value: string;
  readonly kept: ClientSecret;
}

/** 256 random bits as 64 hexadecimal digits: only their hash is kept. */
export function newSecret(now: number): NewSecret {
  const value = randomHex(secretCharacters);
  const sha256 = createHash('sha256').update(value).digest('hex');
  return { value, kept: { id: randomHex(secretIdCharacters), createdAt: now, sha256 } };
}

/** An app that nobody may use yet, with the scope `openid`, as far as the settings say nothing else. */
export function newApp(
  name: string,
  type: 'confidential' | 'public',
  secrets: readonly ClientSecret[],
  settings: AppSettings,
  now: number,
): ClientRecord {
  return withSettings(
    {
      clientId: `c-${randomLowerAlnum(clientIdCharacters)}`,
      dialect: 'akeyless',
      name,
      type,
      disabled: false,
      secrets,
      grants: [],
      redirectUris: [],
      postLogoutRedirectUris: [],
      accessTokenFormat: 'jwt',
      key: appKeyName,
      idTokenTtlSeconds: tokenTtlSeconds,
      accessTokenTtlSeconds: tokenTtlSeconds,
      refreshTokenTtlSeconds,
      scopes: ['openid'],
      audiences: [],
      assignments: [],
      permissions: [],
      createdAt: now,
      updatedAt: now,
    },
    settings,
    now,
  );
}

/** An app with other settings: each list that is given takes the place of the one there was. */
export function withSettings(app: ClientRecord, settings: AppSettings, now: number): ClientRecord {
  const changed = { ...app, ...settings, updatedAt: now };
  return { ...changed, grants: grantsOf(changed) };
}

/** People sign in where there is an address to send them back to; refresh tokens are for who may ask for them. */
function grantsOf({
  redirectUris,
  scopes,
}: Pick<ClientRecord, 'redirectUris' | 'scopes'>): readonly ClientGrant[] {
  return [
    'token_exchange',
    ...(redirectUris.length > 0 ? (['authorization_code'] as const) : []),
    ...(scopes.includes('offline_access') ? (['refresh_token'] as const) : []),
  ];
}

/** @throws LatchkeyError `REGISTRY_RECORD_NOT_FOUND` */
export function appNamed({ state }: Pick<AccountView, 'state'>, name: string): ClientRecord {
  const app = state.registry.clientNamed('akeyless', name);
  if (app !== undefined) return app;
  throw new LatchkeyError('REGISTRY_RECORD_NOT_FOUND', { detail: 'There is no app of this name' });
}
