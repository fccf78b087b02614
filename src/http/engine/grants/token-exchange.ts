/** Token exchange (RFC 8693): a token that somebody has already, for tokens at this client. */
import { LatchkeyError } from '../../../domain/errors.ts';
import { verifiedClaims } from '../../../domain/provider/engine/sign.ts';
import { entityRoleById } from '../../../domain/provider/identity/lookup.ts';
import { signsIn } from '../../../domain/provider/identity/subject.ts';
import { clockLeewaySeconds, requireSameRole } from '../../../domain/provider/identity/token-subject.ts';
import type { RoleRow } from '../../../domain/records/rows.ts';
import { expiryOf } from '../../../domain/tokens/access-tokens.ts';
import type { Issuer } from '../exchange.ts';
import { findAccessToken } from '../find-tokens.ts';
import { issueTokens } from '../tokens.ts';
import type { Attributes, GrantHandler, IssuedTokens, TokenRequest } from '../types.ts';
import { required, wordsOf } from './requests.ts';
import { allowedAudiences, allowedScopes } from './targets.ts';

export const tokenExchangeType = 'urn:ietf:params:oauth:grant-type:token-exchange';
const accessTokenType = 'urn:ietf:params:oauth:token-type:access_token';
const idTokenType = 'urn:ietf:params:oauth:token-type:id_token';
const jwtType = 'urn:ietf:params:oauth:token-type:jwt';
const maxTokenLength = 16 * 1_024;

/** Whom a subject token is about, and until when it says so. */
interface Subject {
  readonly role: RoleRow;
  readonly expiresAtSeconds: number;
  readonly authTimeSeconds?: number;
  readonly attributes: Attributes;
  /** The scopes of an access token; of other tokens nothing is known. */
  readonly scopes?: readonly string[];
  /** What an access token is revoked together with. */
  readonly familyId?: string;
}

/**
 * Exchanges an ID token or access token of this issuer, or an access token of the service itself, for tokens
 * of the client that asks. Nothing outlives the token that was given, and there is no refresh token. An ID
 * token must have been issued to the client, an access token to it or for it; what an access token gives has no
 * scope that it has not, and is revoked with it. Public clients may exchange only what the service itself gave:
 * whoever has another token could say that he is such a client (RFC 8693 section 2.1). Impersonation only: an
 * actor token is refused.
 */
export function tokenExchange(issuer: Issuer): GrantHandler {
  return {
    parameters: [
      'subject_token',
      'subject_token_type',
      'requested_token_type',
      'audience',
      'resource',
      'scope',
      'actor_token',
      'actor_token_type',
    ],
    repeatable: ['audience', 'resource'],
    handle: async (request) => {
      const { view, client, parameters, about } = request;
      const token = required(request, 'subject_token');
      const type = required(request, 'subject_token_type');
      const wanted = requestedType(request);
      const subject = await subjectOfToken(issuer, request, token, type);
      const scopes = allowedScopes(issuer, view, client, wordsOf(parameters['scope']));
      requireNoMore(scopes, subject);
      about(subject.role, scopes);
      const { role, attributes, authTimeSeconds, expiresAtSeconds, familyId } = subject;
      const authorization = {
        role,
        client,
        scopes: wanted === idTokenType && !scopes.includes('openid') ? ['openid', ...scopes] : scopes,
        audiences: allowedAudiences(
          client,
          wordsOf([parameters['audience'], parameters['resource']].join(' ')),
        ),
        attributes,
        ...(authTimeSeconds === undefined ? {} : { authTimeSeconds }),
      };
      const decision = issuer.spec.mayUse(view, authorization);
      if (!decision.allowed) {
        throw new LatchkeyError('OAUTH_INVALID_GRANT', { detail: decision.reason });
      }
      const tokens = await issueTokens(issuer, view, authorization, {
        notAfterSeconds: expiresAtSeconds,
        ...(familyId === undefined ? {} : { familyId }),
      });
      return answer(tokens, wanted);
    },
  };
}

/** @throws LatchkeyError `OAUTH_INVALID_SCOPE` */
function requireNoMore(wanted: readonly string[], { scopes }: Subject): void {
  if (scopes === undefined || wanted.every((scope) => scopes.includes(scope))) return;
  throw new LatchkeyError('OAUTH_INVALID_SCOPE', { detail: 'a scope that the access token has not' });
}

function requestedType({ parameters }: TokenRequest): string {
  const wanted = parameters['requested_token_type'] ?? accessTokenType;
  if (parameters['actor_token'] !== undefined || parameters['actor_token_type'] !== undefined) {
    throw refused('an actor token', 'delegation is not supported: actor_token must be absent');
  }
  if (wanted === accessTokenType || wanted === idTokenType) return wanted;
  throw refused(`the requested type ${JSON.stringify(wanted)}`, 'requested_token_type is not supported');
}

async function subjectOfToken(
  issuer: Issuer,
  request: TokenRequest,
  token: string,
  type: string,
): Promise<Subject> {
  if (token.length > maxTokenLength) throw invalid('the subject token is too long');
  if (type === idTokenType) return subjectOfIdToken(issuer, request, token);
  if (type === accessTokenType || type === jwtType) {
    return (
      (await subjectOfAccessToken(issuer, request, token)) ?? subjectOfServiceToken(issuer, request, token)
    );
  }
  throw refused(`the subject token type ${JSON.stringify(type)}`, 'subject_token_type is not supported');
}

/** Where the dialect has subjects of its own, there is no way back from them to a role. */
async function subjectOfIdToken(
  { spec }: Issuer,
  { view, client }: TokenRequest,
  token: string,
): Promise<Subject> {
  const verified = await verifiedClaims(spec.publishedKeys(view), token, {
    issuer: spec.issuer,
    audience: client.clientId,
  });
  const typ = verified?.header.typ;
  if (verified === undefined || (typ !== undefined && typ !== 'JWT'))
    throw invalid('it is no valid ID token of ours');
  requireConfidential(client);
  const { sub, exp, iat = 0, auth_time: authTime } = verified.claims;
  if (iat + clockLeewaySeconds < Math.floor(client.createdAt / 1_000))
    throw invalid('the ID token was issued to a client that had the id before');
  const role = spec.subject === undefined ? entityRoleById(view.state, sub ?? '') : undefined;
  if (role === undefined) throw invalid('the role of the ID token is gone');
  return {
    role,
    expiresAtSeconds: exp ?? 0,
    attributes: {},
    ...(typeof authTime === 'number' ? { authTimeSeconds: authTime } : {}),
  };
}

function requireConfidential({ type }: TokenRequest['client']): void {
  if (type === 'public') throw invalid('a public client cannot prove that a token of this issuer is its own');
}

async function subjectOfAccessToken(
  issuer: Issuer,
  { view, client }: TokenRequest,
  token: string,
): Promise<Subject | undefined> {
  const found = await findAccessToken(issuer, view, token);
  if (found === undefined) return undefined;
  const { authorization, expiresAtSeconds } = found;
  const mine =
    found.clientId === client.clientId || authorization?.audiences.includes(client.clientId) === true;
  if (!mine) throw invalid('the access token is neither the client’s nor for it');
  requireConfidential(client);
  if (authorization?.role === undefined)
    throw invalid('the access token is of no role, or of one that is gone');
  const { role, attributes, authTimeSeconds } = authorization;
  return {
    role,
    attributes,
    expiresAtSeconds,
    scopes: found.scopes,
    ...(found.familyId === undefined ? {} : { familyId: found.familyId }),
    ...(authTimeSeconds === undefined ? {} : { authTimeSeconds }),
  };
}

/** @throws LatchkeyError `OAUTH_INVALID_GRANT` */
async function subjectOfServiceToken(
  { services }: Issuer,
  { view, ctx }: TokenRequest,
  token: string,
): Promise<Subject> {
  try {
    const actor = await services.tokens.verify(token, ctx.state.request.clientIp);
    const role = actor.account === view.state.account ? view.state.graph.role(actor.role) : undefined;
    if (role === undefined || !signsIn(actor.role)) throw invalid('the role of the access token is gone');
    requireSameRole(view.state, actor);
    if (view.state.signingKey(actor.kid ?? '') === undefined)
      throw invalid('the key of the access token is gone');
    return { role, attributes: {}, expiresAtSeconds: expiryOf(token), authTimeSeconds: actor.issuedAt };
  } catch (error) {
    if (!(error instanceof LatchkeyError) || error.kind === 'unavailable') throw error;
    throw new LatchkeyError('OAUTH_INVALID_GRANT', {
      detail: 'the subject token is not valid',
      cause: error,
    });
  }
}

/** @see RFC 8693 section 2.2.1 */
function answer(tokens: IssuedTokens, wanted: string): Readonly<Record<string, unknown>> {
  const { accessToken, accessTokenTtlSeconds, idToken, scope } = tokens;
  const scopes = scope === '' ? {} : { scope };
  if (wanted === idTokenType) {
    return { access_token: idToken, issued_token_type: idTokenType, token_type: 'N_A', ...scopes };
  }
  return {
    access_token: accessToken,
    issued_token_type: accessTokenType,
    token_type: 'Bearer',
    expires_in: accessTokenTtlSeconds,
    ...(idToken === undefined ? {} : { id_token: idToken }),
    ...scopes,
  };
}

function invalid(detail: string): LatchkeyError {
  return new LatchkeyError('OAUTH_INVALID_GRANT', { detail });
}

function refused(what: string, advice: string): LatchkeyError {
  return new LatchkeyError('OAUTH_INVALID_REQUEST', { detail: `${what} is not supported`, advice });
}
