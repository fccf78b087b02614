/**
 * What the faces of the OpenID Provider see of its engine. A face describes an issuer as an
 * {@link IssuerSpec}, gets an {@link IssuerEngine} for it and has it serve the endpoints; what differs
 * from dialect to dialect are the callbacks of the spec and the handlers of its grants. Failures are
 * LatchkeyErrors with the codes of `src/domain/errors/oauth.ts`, whose `oauthErrorOf` gives the
 * `error` member (RFC 6749 section 5.2); `advice` is what the caller may read beyond the code's text,
 * `detail` the true reason, for audit alone.
 */
import type { JWK } from 'jose';
import type { AccountView } from '../../domain/accounts/authority.ts';
import type { ClientRecord, Dialect } from '../../domain/provider/registry/records.ts';
import type { RoleRow } from '../../domain/records/rows.ts';
import type { RequestContextOf } from '../context.ts';

/** What JSON can say of an authorization; kept with codes, grants and tokens, sealed. At most 16 KiB. */
export type Attributes = Readonly<Record<string, unknown>>;

/** An answer to "may this role use this client": no is an answer, with its reason for the audit. */
export type UseDecision = { readonly allowed: true } | { readonly allowed: false; readonly reason: string };

/** Who is authorized, at which client, for what. All of it is as of one {@link AccountView}. */
export interface Authorization {
  /** The user or host; undefined of a client that acts by itself (`client_credentials`). */
  readonly role?: RoleRow;
  readonly client: ClientRecord;
  /** Granted, `openid` included where it was asked for. */
  readonly scopes: readonly string[];
  /** Audiences of the access token; empty for none. */
  readonly audiences: readonly string[];
  /** When the role proved itself, in seconds since the epoch. */
  readonly authTimeSeconds?: number;
  /** Of the role's credential when it proved itself; by default the present one. With another one codes and refresh tokens end. */
  readonly credentialRevision?: number;
  readonly nonce?: string;
  /** What the dialect gave when it authorized: comes back in every callback, also at a refresh. */
  readonly attributes: Attributes;
}

/** What claims are for. */
export type ClaimsUse = 'id_token' | 'access_token' | 'userinfo';

/** Where endpoints are, below the page or the API prefix, each beginning with `/`. Absent: not offered. */
export interface EndpointPaths {
  /** Below `pagePath`, as are the resumption of a sign-in (`{authorization}/{uid}`) and the logout. */
  readonly authorization: string;
  readonly endSession?: string;
  /** Below `apiPath`. */
  readonly token: string;
  readonly userinfo: string;
  readonly jwks: string;
  readonly introspection?: string;
  readonly revocation?: string;
}

/**
 * An issuer as a dialect wants it. A value made anew for each request, of the view that the request
 * read; cheap. The engine keeps what it builds of it for as long as `id` and all plain data stay the
 * same, and calls the callbacks of whichever equal spec came first: they must depend on nothing but
 * their arguments and that data.
 */
export interface IssuerSpec {
  /**
   * `{dialect}.{what never changes and never comes again}`, of `[A-Za-z0-9._-]`, up to 100 characters: what
   * the issuer stores is found under it, and it stands in the address of its sign-in pages.
   */
  readonly id: string;
  readonly dialect: Dialect;
  /** The issuer identifier, without a slash at its end: `services.publicOrigin()` and a path. */
  readonly issuer: string;
  /** Scheme, host and port that all its addresses begin with. */
  readonly origin: string;
  /** Path of what browsers open: cookies are scoped to it. `/ui/vault/identity/oidc/provider/x` */
  readonly pagePath: string;
  /** Path of what clients call; may equal `pagePath`. `/v1/identity/oidc/provider/x` */
  readonly apiPath: string;
  readonly paths: EndpointPaths;
  /** What may be asked for besides `openid`; others are dropped. Undefined: any scope, see `scopesAllowed`. */
  readonly scopesSupported?: readonly string[];
  /** Whether a sign-in without the scope `openid` is refused, where OAuth would do with a code. Default: no. */
  readonly openidRequired?: boolean;
  /** Whether people are asked before a client gets what it wants the first time. */
  readonly consent: boolean;
  /** Whether `code_challenge_method` may be `plain`, and is where it is absent. Default false: S256 alone. */
  readonly plainCodeChallenges?: boolean;
  /** Whether ID tokens say `auth_time` only where the request asked for it (`max_age`, `prompt=login`). Default false. */
  readonly authTimeOnRequestOnly?: boolean;
  /**
   * Whether Basic credentials are taken as they are, not percent-decoded, and win over those of the body; whether
   * a secret sent for a public client is ignored; and whether every `invalid_client` has a Basic challenge (Vault).
   * Default false: RFC 6749 section 2.3.1.
   */
  readonly rawBasicCredentials?: boolean;
  /** How long a sign-in lasts in the browser. Default 8 hours. */
  readonly sessionTtlSeconds?: number;
  /** Default 60 seconds. */
  readonly codeTtlSeconds?: number;
  /** Makes the value of an opaque code or token, of at least 128 random bits, without `.` between three parts. */
  readonly tokenValue?: (kind: 'code' | 'access_token' | 'refresh_token') => string;

  /** The client as it is now; undefined: unknown, disabled, or not allowed at this issuer. Asked in every request. */
  readonly client: (view: AccountView, clientId: string) => ClientRecord | undefined;
  /** Whether the role may use the client; asked at sign-in, redemption, refresh, exchange and userinfo. */
  readonly mayUse: (view: AccountView, authorization: Authorization) => UseDecision;
  /** `sub` of a role. Default: `identifierOf(role)`; of a client by itself its client id. */
  readonly subject?: (view: AccountView, authorization: Authorization) => string;
  /**
   * What the tokens say beyond the protocol's own claims. Those (`iss sub aud exp iat nbf jti nonce auth_time
   * at_hash c_hash acr amr azp sid client_id scope`) win, wherever they are named.
   */
  readonly claims: (
    view: AccountView,
    authorization: Authorization,
    use: ClaimsUse,
  ) => Readonly<Record<string, unknown>>;
  /**
   * Whether the client may have these scopes at all, and which of them it gets.
   * @throws LatchkeyError `OAUTH_INVALID_SCOPE`
   */
  readonly scopesAllowed?: (
    view: AccountView,
    client: ClientRecord,
    scopes: readonly string[],
  ) => readonly string[];
  /** Whether a browser may be sent there. Default: exact match; on loopback hosts any port (RFC 8252 section 7.3). */
  readonly redirectAllowed?: (client: ClientRecord, redirectUri: string) => boolean;
  /** Whether the named key may sign for the client. Default: yes. */
  readonly keyAllowed?: (view: AccountView, client: ClientRecord) => boolean;
  /** The public keys of all clients of the issuer, each once. */
  readonly publishedKeys: (view: AccountView) => readonly JWK[];
  /** The discovery document; given what the engine would say. */
  readonly discovery?: (document: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>;
  /** Token lifetimes where the record alone does not say them (Akamai's policies). */
  readonly lifetimes?: (view: AccountView, client: ClientRecord) => Partial<Lifetimes>;
  /**
   * Changes the header or claims of a signed token just before it is signed, so that what it says of `kid`, `typ`,
   * `aud` and the like is as the dialect's clients know it; `alg` stays the key's. What the engine stores of an
   * access token does not change with it.
   */
  readonly shape?: (
    use: 'id_token' | 'access_token',
    token: JwtParts,
    authorization: Authorization,
  ) => JwtParts;
  /** Handlers of grant types that are the dialect's own, or that replace the engine's. */
  readonly grants?: Readonly<Record<string, GrantHandler>>;
}

export interface Lifetimes {
  readonly idTokenSeconds: number;
  readonly accessTokenSeconds: number;
  readonly refreshTokenSeconds: number;
}

export interface JwtParts {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
}

/** A grant type at the token endpoint. The client is authenticated, allowed at the issuer and to use this grant. */
export interface GrantHandler {
  /** The names of the request's parameters that it reads; others are dropped. */
  readonly parameters: readonly string[];
  /** Of these, the ones that may come several times; they are then joined by a blank. */
  readonly repeatable?: readonly string[];
  /** Whether a client may use it that does not list it in `grants`; default false. */
  readonly forEveryClient?: boolean;
  /** @throws LatchkeyError with an OAuth code: what is refused, and why */
  readonly handle: (request: TokenRequest) => Promise<Readonly<Record<string, unknown>>>;
}

export interface TokenRequest {
  readonly ctx: RequestContextOf;
  readonly view: AccountView;
  readonly issuer: IssuerEngine;
  readonly client: ClientRecord;
  readonly parameters: Readonly<Record<string, string | undefined>>;
  /** Tells the audit whom the request is about, as soon as that is known. */
  readonly about: (role: RoleRow | undefined, scopes?: readonly string[]) => void;
}

/** What an authorization code is minted of. */
export interface CodeRequest {
  readonly authorization: Authorization;
  /** As it was sent; compared byte for byte when the code is redeemed. */
  readonly redirectUri: string;
  readonly codeChallenge?: string;
  readonly codeChallengeMethod?: 'plain' | 'S256';
}

/** A code that can be redeemed. `authorization` is undefined once its role or client is gone. */
export interface FoundCode {
  readonly value: string;
  readonly clientId: string;
  /** The role's subject key, whether or not the role is still there. */
  readonly subjectKey: string;
  readonly authorization: Authorization | undefined;
  readonly redirectUri: string;
  readonly codeChallenge?: string;
  readonly codeChallengeMethod?: 'plain' | 'S256';
  /** The browser session at the client, if it began with one; ID tokens of clients that are told of logouts say it. */
  readonly sid?: string;
  /** What revokes together; for {@link TokenOptions.redeems} alone. */
  readonly family: { readonly grantId?: string; readonly familyId?: string };
}

export interface TokenOptions {
  /** Default: whether `openid` is among the scopes and there is a role. */
  readonly idToken?: boolean;
  /** Default: false. Given only to clients that list the grant. */
  readonly refreshToken?: boolean;
  /**
   * The code that is redeemed. It is used up in the same write that keeps the tokens: of any number of callers
   * in any number of processes one has them, and should the code come again, they are revoked. The ID token has
   * `c_hash`, and the session's `sid`.
   */
  readonly redeems?: FoundCode;
  /** Whether the ID token has `at_hash`; default true. */
  readonly accessTokenHash?: boolean;
  /** Default: as the client's record says. */
  readonly accessTokenFormat?: 'opaque' | 'jwt';
  /** Seconds since the epoch that no token may outlive. */
  readonly notAfterSeconds?: number;
}

export interface IssuedTokens {
  readonly accessToken: string;
  readonly accessTokenTtlSeconds: number;
  readonly idToken?: string;
  readonly refreshToken?: string;
  readonly scope: string;
}

/** An access token of this issuer that is valid: not expired, nor revoked. */
export interface FoundAccessToken {
  readonly clientId: string;
  readonly subjectKey?: string;
  readonly scopes: readonly string[];
  readonly issuedAtSeconds: number;
  readonly expiresAtSeconds: number;
  /** Undefined once its role or client is gone, or the client not allowed here any more. */
  readonly authorization: Authorization | undefined;
  /** What it is revoked together with. */
  readonly familyId?: string;
}

/** What an issuer serves. `page` is the authorization endpoint and, below it, the resumption. */
export type Endpoint =
  | 'discovery'
  | 'jwks'
  | 'authorization'
  | 'resume'
  | 'token'
  | 'userinfo'
  | 'introspection'
  | 'revocation'
  | 'endSession'
  | 'endSessionConfirm'
  | 'endSessionSuccess';

export interface ClientCredentials {
  readonly clientId: string;
  readonly clientSecret?: string;
}

/** The engine of one issuer. */
export interface IssuerEngine {
  readonly spec: IssuerSpec;

  /**
   * Answers a request at an endpoint, refusals included, and audits it. Methods: GET of discovery, JWKS and
   * pages, GET and POST of the authorization endpoint and userinfo, POST of the rest; OPTIONS where browsers'
   * scripts may call. What the endpoint answered is in `ctx.status` and `ctx.body` (an object) afterwards,
   * for a dialect that words it otherwise; discovery and JWKS are sent at once.
   * Bodies: urlencoded, or parsed already in `ctx.request.body` (an object of strings).
   * @throws LatchkeyError `METHOD_NOT_ALLOWED`, `BODY_TOO_LARGE`, and what is nobody's fault but the service's
   */
  serve(ctx: RequestContextOf, endpoint: Endpoint): Promise<void>;

  /**
   * Mints an authorization code. It asks nothing: what the dialect checks, it has checked.
   * @throws LatchkeyError `STORE_UNAVAILABLE`
   */
  mintCode(request: CodeRequest): Promise<string>;

  /**
   * Finds a code that can be redeemed. Undefined: unknown, used, expired, or another issuer's. One that was
   * redeemed before revokes what was issued on it (RFC 6749 section 4.1.2).
   */
  findCode(view: AccountView, value: string): Promise<FoundCode | undefined>;

  /** Uses a code up for which no tokens are to be issued. */
  useCode(code: FoundCode): Promise<void>;

  /**
   * Issues tokens, and stores what makes them revocable. It asks neither `mayUse` nor `scopesAllowed`.
   * @throws LatchkeyError `OAUTH_SERVER_ERROR`: the client's key is missing
   * @throws LatchkeyError `OAUTH_INVALID_CLIENT`: the key may not sign for the client
   * @throws LatchkeyError `OAUTH_INVALID_GRANT`: somebody else redeemed the code meanwhile
   */
  issueTokens(view: AccountView, authorization: Authorization, options?: TokenOptions): Promise<IssuedTokens>;

  /** Finds an access token of this issuer, opaque or JWT. */
  findAccessToken(view: AccountView, value: string): Promise<FoundAccessToken | undefined>;

  /** Revokes an access or refresh token and whatever came of the same authorization; no fault if it is unknown. */
  revokeToken(value: string): Promise<void>;

  /**
   * The client that these credentials are right for. Takes the same time whether or not there is such a client.
   * @throws LatchkeyError `OAUTH_INVALID_CLIENT`
   */
  authenticateClient(view: AccountView, credentials: ClientCredentials): ClientRecord;
}
