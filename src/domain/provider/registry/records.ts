/**
 * The records of the OpenID Provider's registry: what issuers, clients, scopes, assignments, keys
 * and policies are made of, whichever dialect manages them. They are records of authority, so a
 * change of one is seen by the next request on any process, and each is kept in memory with its
 * account's access graph.
 */
import type { JWK } from 'jose';

export const signingAlgorithms = ['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512', 'EdDSA'] as const;
export type SigningAlgorithm = (typeof signingAlgorithms)[number];

/** The vocabularies by which the registry is managed: Vault's, Akeyless' and Akamai's. */
export type Dialect = 'vault' | 'akeyless' | 'akamai';

/** One pair of a named key. The private half is a JWK, sealed under {@link pairSealName}. */
export interface KeyPair {
  readonly kid: string;
  readonly algorithm: SigningAlgorithm;
  readonly publicJwk: JWK;
  readonly sealedPrivateJwk: string;
  /** `next` is published before it signs; `retired` no longer signs but verifies until it expires. */
  readonly state: 'current' | 'next' | 'retired';
  /** Milliseconds since the epoch, as all times of these records. */
  readonly createdAt: number;
  /** Only of a retired pair: from then on it is neither published nor kept. */
  readonly expiresAt?: number;
}

/** A named key: a ring of pairs that rotates. */
export interface KeyRecord {
  readonly name: string;
  readonly algorithm: SigningAlgorithm;
  readonly rotationPeriodSeconds: number;
  readonly verificationTtlSeconds: number;
  /** Client ids that may sign with it; `*` for all, empty for none. As they were given. */
  readonly allowedClientIds: readonly string[];
  /** Empty until the first use of a key that is made lazily. */
  readonly pairs: readonly KeyPair[];
  readonly nextRotationAt: number;
}

/** An issuer that a Vault provider stands for. */
export interface ProviderRecord {
  readonly name: string;
  /** Never changes and never comes again: what the issuer stored is found under it. */
  readonly id: string;
  /** Scheme, host and port to show instead of the service's public address; empty for that. */
  readonly issuerOrigin: string;
  readonly allowedClientIds: readonly string[];
  readonly scopesSupported: readonly string[];
}

export interface ScopeRecord {
  readonly name: string;
  readonly template: string;
  readonly description: string;
}

/** Who may sign in to the clients that name it: identifiers as Vault's API shows them. */
export interface AssignmentRecord {
  readonly name: string;
  readonly entityIds: readonly string[];
  readonly groupIds: readonly string[];
}

/** A secret of a client. Exactly one of the two forms is there. */
export interface ClientSecret {
  readonly id: string;
  readonly createdAt: number;
  /** During a rotation the older secret ends then; absent: never. */
  readonly expiresAt?: number;
  /** Base64, sealed under {@link secretSealName}: of dialects that show the secret again. */
  readonly sealed?: string;
  /** SHA-256 in hexadecimal of a secret with at least 128 random bits. */
  readonly sha256?: string;
}

export type ClientGrant = 'authorization_code' | 'refresh_token' | 'client_credentials' | 'token_exchange';

/** Who may use an Akeyless app: an authentication method or a group, narrowed by sub-claims. */
export interface PermissionAssignment {
  readonly accessId?: string;
  readonly groupId?: string;
  readonly subClaims: Readonly<Record<string, readonly string[]>>;
}

/** A client of the provider. Ids are of one namespace, whatever the dialect. */
export interface ClientRecord {
  readonly clientId: string;
  readonly dialect: Dialect;
  /** Unique within its dialect. */
  readonly name: string;
  /** `configuration` clients manage the registry and sign nobody in. */
  readonly type: 'confidential' | 'public' | 'configuration';
  readonly disabled: boolean;
  readonly secrets: readonly ClientSecret[];
  readonly grants: readonly ClientGrant[];
  readonly redirectUris: readonly string[];
  readonly postLogoutRedirectUris: readonly string[];
  readonly backchannelLogoutUri?: string;
  readonly accessTokenFormat: 'opaque' | 'jwt';
  /** The named key that signs for it. */
  readonly key: string;
  readonly idTokenTtlSeconds: number;
  readonly accessTokenTtlSeconds: number;
  readonly refreshTokenTtlSeconds: number;
  /** What may be asked for, where the dialect says it of the client. */
  readonly scopes: readonly string[];
  readonly audiences: readonly string[];
  /** Names of assignments (Vault). */
  readonly assignments: readonly string[];
  /** Who may use it (Akeyless). */
  readonly permissions: readonly PermissionAssignment[];
  /** Ids of policies (Akamai). */
  readonly tokenPolicy?: string;
  readonly loginPolicy?: string;
  /** For people to read (Akeyless), as are the tags. */
  readonly description?: string;
  readonly tags?: readonly string[];
  /** Whether it must be unprotected before it can be deleted (Akeyless). */
  readonly deleteProtection?: boolean;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** A role of identity tokens, which are signed for whoever asks, without a client. */
export interface IdentityTokenRoleRecord {
  readonly name: string;
  readonly key: string;
  readonly template: string;
  readonly ttlSeconds: number;
  readonly clientId: string;
}

/** What tokens a client gets, and what scopes it may ask for (Akamai). */
export interface TokenPolicyRecord {
  readonly id: string;
  readonly title: string;
  readonly accessTokenLifetimeSeconds: number;
  readonly refreshTokenLifetimeSeconds: number;
  readonly allowedScopes: readonly string[];
  /** Of the access tokens of people; absent: `opaque`. */
  readonly accessTokenFormat?: 'opaque' | 'jwt';
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** How people sign in through a client (Akamai). `settings` is kept as it was given. */
export interface LoginPolicyRecord {
  readonly id: string;
  readonly title: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** What the provider half of an account is known by; made once, at its first use. */
export interface IdentifiersRecord {
  readonly name: 'identifiers';
  /** `acc-` and 12 of `[a-z0-9]`: part of the Akeyless issuer. */
  readonly accountId: string;
  /** A UUID: the first path segment of Akamai's endpoints. */
  readonly customerId: string;
  /** `auth_userpass_` and 8 hexadecimal digits: the one mount of Vault's dialect. */
  readonly mountAccessor: string;
  /** Sealed under {@link cookieSealName}, base64: signs the cookies of sign-ins; the newest first. */
  readonly sealedCookieKeys: readonly string[];
  /** The issuer origin of identity tokens, as it was set; empty: the public address. */
  readonly identityTokenIssuer: string;
}

/** The kinds of the registry, each by the name of its collection. */
export interface RegistryKinds {
  readonly 'oidc-key': KeyRecord;
  readonly 'oidc-provider': ProviderRecord;
  readonly 'oidc-scope': ScopeRecord;
  readonly 'oidc-assignment': AssignmentRecord;
  readonly 'oidc-client': ClientRecord;
  readonly 'oidc-role': IdentityTokenRoleRecord;
  readonly 'oidc-token-policy': TokenPolicyRecord;
  readonly 'oidc-login-policy': LoginPolicyRecord;
  readonly 'oidc-settings': IdentifiersRecord;
}

export type RegistryKind = keyof RegistryKinds;

export function isRegistryKind(collection: string): collection is RegistryKind {
  return collection.startsWith('oidc-');
}

export function pairSealName(kid: string): string {
  return `oidc-key ${kid}`;
}

export function secretSealName(clientId: string, secretId: string): string {
  return `oidc-client ${clientId} ${secretId}`;
}

export function cookieSealName(customerId: string): string {
  return `oidc-cookie ${customerId}`;
}
