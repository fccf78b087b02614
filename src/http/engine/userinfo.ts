/** The userinfo endpoint (OpenID Connect Core section 5.3): what an access token's role is, as of now. */
import { LatchkeyError } from '../../domain/errors.ts';
import { oauthErrorOf } from '../../domain/provider/engine/oauth-error.ts';
import { withoutProtocolClaims } from '../../domain/provider/engine/protocol-claims.ts';
import type { RequestContextOf } from '../context.ts';
import { subjectOf } from './authorization.ts';
import { allowAnyOrigin, answerPreflight } from './cross-origin.ts';
import { findAccessToken } from './find-tokens.ts';
import type { Serving } from './serving.ts';

export async function serveUserinfo(serving: Serving): Promise<void> {
  const { ctx, exchange } = serving;
  if (ctx.method === 'OPTIONS') {
    answerPreflight(ctx, 'GET, POST');
    return;
  }
  allowAnyOrigin(ctx);
  try {
    ctx.body = await claimsOf(serving);
  } catch (error) {
    exchange.failure = error;
    if (!(error instanceof LatchkeyError) || !error.code.startsWith('OAUTH_')) throw error;
    challenge(ctx, error);
  }
}

async function claimsOf({ ctx, issuer, exchange }: Serving): Promise<Readonly<Record<string, unknown>>> {
  const { spec } = issuer;
  const { view } = exchange;
  const token = bearerToken(ctx);
  const found = await findAccessToken(issuer, view, token);
  if (found === undefined)
    throw new LatchkeyError('OAUTH_INVALID_TOKEN', { detail: 'no such token, or it has expired' });
  exchange.clientId = found.clientId;
  exchange.scopes = found.scopes;
  const { authorization } = found;
  if (authorization?.role === undefined) {
    throw new LatchkeyError('OAUTH_INVALID_TOKEN', {
      detail: 'the role or the client of the token is gone, or it has none',
    });
  }
  exchange.role = authorization.role;
  if (!found.scopes.includes('openid')) {
    throw new LatchkeyError('OAUTH_INSUFFICIENT_SCOPE', { detail: 'the token lacks the scope openid' });
  }
  const decision = spec.mayUse(view, authorization);
  if (!decision.allowed) throw new LatchkeyError('OAUTH_INVALID_TOKEN', { detail: decision.reason });
  const claims = withoutProtocolClaims(spec.claims(view, authorization, 'userinfo'));
  return { ...claims, sub: subjectOf(spec, view, authorization) };
}

/** In the header alone: what stands in a URL or a form is kept in too many places (RFC 6750 section 2.3). */
function bearerToken({ req }: RequestContextOf): string {
  const [, token] = /^bearer +([\w.~+/-]+=*)$/i.exec(req.headers.authorization ?? '') ?? [];
  if (token !== undefined) return token;
  throw new LatchkeyError('OAUTH_INVALID_TOKEN', { detail: 'no access token was sent' });
}

/** @see RFC 6750 section 3 */
function challenge(ctx: RequestContextOf, failure: LatchkeyError): void {
  const { error, description, status } = oauthErrorOf(failure);
  ctx.status = status;
  ctx.set('WWW-Authenticate', `Bearer error="${error}", error_description="${description}"`);
  ctx.body = { error, error_description: description };
}
