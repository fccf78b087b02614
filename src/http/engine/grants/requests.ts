/** What the grants of the engine have in common. */
import { LatchkeyError } from '../../../domain/errors.ts';
import type { Issuer } from '../exchange.ts';
import type { Authorization, IssuedTokens, TokenRequest } from '../types.ts';

/** @throws LatchkeyError `OAUTH_INVALID_REQUEST`: the parameter is missing */
export function required({ parameters }: Pick<TokenRequest, 'parameters'>, name: string): string {
  const value = parameters[name];
  if (value !== undefined) return value;
  throw new LatchkeyError('OAUTH_INVALID_REQUEST', {
    detail: `${name} is missing`,
    advice: `missing required parameter: ${name}`,
  });
}

/**
 * Makes sure that a role may still use the client, at the request's view.
 * @throws LatchkeyError `OAUTH_INVALID_GRANT`
 */
export function requireUse(
  { spec }: Issuer,
  { view, about }: TokenRequest,
  authorization: Authorization,
): void {
  about(authorization.role, authorization.scopes);
  const decision = spec.mayUse(view, authorization);
  if (!decision.allowed) throw new LatchkeyError('OAUTH_INVALID_GRANT', { detail: decision.reason });
}

/** The words of a parameter that is a list separated by blanks. */
export function wordsOf(value: string | undefined): readonly string[] {
  return value === undefined ? [] : [...new Set(value.split(' ').filter((word) => word !== ''))];
}

/** @see RFC 6749 section 5.1 */
export function tokenAnswer(tokens: IssuedTokens): Readonly<Record<string, unknown>> {
  const { accessToken, accessTokenTtlSeconds, idToken, refreshToken, scope } = tokens;
  return {
    access_token: accessToken,
    token_type: 'Bearer',
    expires_in: accessTokenTtlSeconds,
    ...(idToken === undefined ? {} : { id_token: idToken }),
    ...(refreshToken === undefined ? {} : { refresh_token: refreshToken }),
    ...(scope === '' ? {} : { scope }),
  };
}
