/** The tokens that an authorization gives: made, signed, and kept as far as they can be revoked. */
import { randomBytes, randomUUID } from 'node:crypto';
import { LatchkeyError } from '../../domain/errors.ts';
import type { AccountView } from '../../domain/accounts/authority.ts';
import type { Artifact, NewArtifact } from '../../domain/provider/engine/artifacts.ts';
import { withoutProtocolClaims } from '../../domain/provider/engine/protocol-claims.ts';
import { halfHash, sign, signingPairIn } from '../../domain/provider/engine/sign.ts';
import { subjectKeyOf } from '../../domain/provider/identity/subject.ts';
import type { SigningPair } from '../../domain/provider/keys/pairs.ts';
import { subjectOf, withCredential } from './authorization.ts';
import type { Issuer } from './exchange.ts';
import { lifetimesOf } from './lifetimes.ts';
import type { Authorization, IssuedTokens, Lifetimes, TokenOptions } from './types.ts';

const opaqueTokenBytes = 32;
/** A grant is there for a little longer than all that is issued under it. */
const marginSeconds = 120;

/** What the grants of the engine know beyond what dialects may say. */
export interface IssueOptions extends TokenOptions {
  /** Under which grant; absent: the redeemed code's or, if one is needed, a new one. */
  readonly grantId?: string;
  /** What they are revoked together with, where there is no grant; by default the redeemed code's. */
  readonly familyId?: string;
  /** Of the session that a refresh token came of. */
  readonly sid?: string;
  /** What is used up in the same write that keeps the tokens, beside a code that is redeemed: once for all. */
  readonly usesUp?: readonly [kind: string, id: string];
  /** When the refresh token ends that these replace. */
  readonly refreshTokenExpiresAtSeconds?: number;
}

/** One issue of tokens under way. */
interface Issue {
  readonly issuer: Issuer;
  readonly view: AccountView;
  readonly authorization: Authorization;
  readonly options: IssueOptions;
  readonly lifetimes: Lifetimes;
  readonly nowSeconds: number;
  readonly subject: string;
}

/** @throws LatchkeyError as {@link IssuerEngine.issueTokens} does */
export async function issueTokens(
  issuer: Issuer,
  view: AccountView,
  given: Authorization,
  options: IssueOptions = {},
): Promise<IssuedTokens> {
  const { spec, services } = issuer;
  const authorization = options.refreshToken === true ? await withCredential(issuer, given) : given;
  const issue: Issue = {
    issuer,
    view,
    authorization,
    options,
    lifetimes: lifetimesOf(spec, view, authorization.client),
    nowSeconds: Math.floor(services.clock.now() / 1_000),
    subject: subjectOf(spec, view, authorization),
  };
  const { client, role, scopes } = authorization;
  const format = options.accessTokenFormat ?? client.accessTokenFormat;
  const wantsIdToken = options.idToken ?? (role !== undefined && scopes.includes('openid'));
  const pair = format === 'jwt' || wantsIdToken ? await pairFor(issue) : undefined;

  const accessTokenTtlSeconds = bounded(issue, issue.lifetimes.accessTokenSeconds);
  const accessToken =
    format === 'jwt' && pair !== undefined
      ? await signedAccessToken(issue, pair, accessTokenTtlSeconds)
      : (spec.tokenValue?.('access_token') ?? opaqueToken());
  const idToken =
    wantsIdToken && pair !== undefined ? await signedIdToken(issue, pair, accessToken) : undefined;
  const refreshToken = mayRefresh(issue) ? (spec.tokenValue?.('refresh_token') ?? opaqueToken()) : undefined;
  await keep(issue, { accessToken, accessTokenTtlSeconds, refreshToken });
  return {
    accessToken,
    accessTokenTtlSeconds,
    scope: scopes.join(' '),
    ...(idToken === undefined ? {} : { idToken }),
    ...(refreshToken === undefined ? {} : { refreshToken }),
  };
}

function opaqueToken(): string {
  return randomBytes(opaqueTokenBytes).toString('base64url');
}

function mayRefresh({ authorization, options }: Issue): boolean {
  return options.refreshToken === true && authorization.client.grants.includes('refresh_token');
}

async function pairFor({ issuer, view, authorization: { client } }: Issue): Promise<SigningPair> {
  if (issuer.spec.keyAllowed?.(view, client) === false) {
    throw new LatchkeyError('OAUTH_INVALID_CLIENT', {
      detail: `the key ${client.key} is not allowed to the client`,
    });
  }
  return signingPairIn(issuer.services, view, client.key);
}

/** A lifetime, cut where nothing may outlive something else; at least a second. */
function bounded({ options, nowSeconds }: Issue, ttlSeconds: number): number {
  const { notAfterSeconds } = options;
  return Math.max(
    1,
    notAfterSeconds === undefined ? ttlSeconds : Math.min(ttlSeconds, notAfterSeconds - nowSeconds),
  );
}

/** @see RFC 9068 section 2; without an audience it is for the issuer itself, that is for userinfo */
async function signedAccessToken(issue: Issue, pair: SigningPair, ttlSeconds: number): Promise<string> {
  const { issuer, view, authorization, nowSeconds, subject } = issue;
  const { client, audiences, scopes, authTimeSeconds } = authorization;
  const parts = {
    header: { typ: 'at+jwt', kid: pair.kid },
    claims: {
      ...withoutProtocolClaims(issuer.spec.claims(view, authorization, 'access_token')),
      iss: issuer.spec.issuer,
      sub: subject,
      aud: audiences.length === 0 ? issuer.spec.issuer : audiences.length === 1 ? audiences[0] : audiences,
      client_id: client.clientId,
      iat: nowSeconds,
      exp: nowSeconds + ttlSeconds,
      jti: randomUUID(),
      ...(scopes.length === 0 ? {} : { scope: scopes.join(' ') }),
      ...(authTimeSeconds === undefined ? {} : { auth_time: authTimeSeconds }),
    },
  };
  return sign(pair, issuer.spec.shape?.('access_token', parts, authorization) ?? parts);
}

/** @see OpenID Connect Core section 2 */
async function signedIdToken(issue: Issue, pair: SigningPair, accessToken: string): Promise<string> {
  const { issuer, view, authorization, options, nowSeconds, subject } = issue;
  const { client, nonce, authTimeSeconds } = authorization;
  const { redeems, accessTokenHash = true } = options;
  const sid = sidOf(options);
  const parts = {
    header: { kid: pair.kid },
    claims: {
      ...withoutProtocolClaims(issuer.spec.claims(view, authorization, 'id_token')),
      iss: issuer.spec.issuer,
      sub: subject,
      aud: client.clientId,
      iat: nowSeconds,
      exp: nowSeconds + bounded(issue, issue.lifetimes.idTokenSeconds),
      ...(nonce === undefined ? {} : { nonce }),
      ...(authTimeSeconds === undefined ? {} : { auth_time: authTimeSeconds }),
      ...(accessTokenHash ? { at_hash: halfHash(pair.algorithm, accessToken) } : {}),
      ...(redeems === undefined ? {} : { c_hash: halfHash(pair.algorithm, redeems.value) }),
      ...(sid === undefined ? {} : { sid }),
    },
  };
  return sign(pair, issuer.spec.shape?.('id_token', parts, authorization) ?? parts);
}

interface Kept {
  readonly accessToken: string;
  readonly accessTokenTtlSeconds: number;
  readonly refreshToken: string | undefined;
}

/** One write: all of it is there, or nothing was issued. */
async function keep(issue: Issue, { accessToken, accessTokenTtlSeconds, refreshToken }: Kept): Promise<void> {
  const { issuer, options, nowSeconds, lifetimes, authorization } = issue;
  const { redeems } = options;
  const known = options.grantId ?? redeems?.family.grantId;
  const familyId = options.familyId ?? redeems?.family.familyId;
  const made = known === undefined && refreshToken !== undefined ? (familyId ?? opaqueToken()) : undefined;
  const under = known ?? made;
  const family = under === undefined ? optional({ familyId }) : { grantId: under };
  const content = { ...contentOf(issue), ...family, iat: nowSeconds };
  const kept: NewArtifact[] = [
    {
      kind: authorization.role === undefined ? 'ClientCredentials' : 'AccessToken',
      id: accessToken,
      content: { ...content, exp: nowSeconds + accessTokenTtlSeconds },
      ttlSeconds: accessTokenTtlSeconds,
    },
  ];
  if (refreshToken !== undefined) {
    const lifetime = bounded(issue, lifetimes.refreshTokenSeconds);
    const expiresAt = options.refreshTokenExpiresAtSeconds ?? nowSeconds + lifetime;
    const ttlSeconds = Math.max(1, expiresAt - nowSeconds);
    kept.push({
      kind: 'RefreshToken',
      id: refreshToken,
      content: { ...content, exp: expiresAt },
      ttlSeconds,
    });
    if (made !== undefined) kept.push(grantOf(issue, made, Math.max(ttlSeconds, accessTokenTtlSeconds)));
  }
  const usesUp = options.usesUp ?? (redeems && (['AuthorizationCode', redeems.value] as const));
  if (usesUp === undefined) await issuer.artifacts.put(kept);
  else await keepOnce(issuer, usesUp, kept);
}

async function keepOnce(
  { artifacts }: Issuer,
  [kind, id]: readonly [kind: string, id: string],
  kept: readonly NewArtifact[],
): Promise<void> {
  const use = await artifacts.use(kind, id, kept);
  if (use === 'first') return;
  const detail = use === 'again' ? 'it is being used by somebody else, too' : 'it is not there any more';
  throw new LatchkeyError('OAUTH_INVALID_GRANT', { detail });
}

function grantOf(issue: Issue, id: string, longestTtlSeconds: number): NewArtifact {
  const ttlSeconds = longestTtlSeconds + marginSeconds;
  const iat = issue.nowSeconds;
  return { kind: 'Grant', id, content: { ...contentOf(issue), iat, exp: iat + ttlSeconds }, ttlSeconds };
}

function sidOf({ sid, redeems }: IssueOptions): string | undefined {
  return sid ?? redeems?.sid;
}

/** Without the members that are undefined. */
function optional(members: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}

/** What comes back as the authorization whenever the token is used. */
function contentOf({ authorization, options }: Issue): Artifact {
  const { client, role, scopes, audiences, authTimeSeconds, nonce, attributes } = authorization;
  const { credentialRevision } = authorization;
  return optional({
    clientId: client.clientId,
    clientCreatedAt: client.createdAt,
    accountId: role === undefined ? undefined : subjectKeyOf(role),
    scope: scopes.length === 0 ? undefined : scopes.join(' '),
    aud: audiences.length === 0 ? undefined : audiences,
    authTime: authTimeSeconds,
    credentialRevision,
    nonce,
    sid: sidOf(options),
    attributes: Object.keys(attributes).length === 0 ? undefined : attributes,
  });
}
