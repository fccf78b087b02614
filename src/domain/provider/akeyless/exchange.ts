/** Trading a token of the service for tokens of an app: what is asked for, and what of it is granted. */
import { LatchkeyError } from '../../errors.ts';
import type { ClientRecord } from '../registry/records.ts';

/** The grant type of RFC 8693. */
export const tokenExchange = 'urn:ietf:params:oauth:grant-type:token-exchange';

const accessTokenType = 'urn:ietf:params:oauth:token-type:access_token';

/** The parameters of a token exchange; `assertion` is Akeyless' name for `subject_token`. */
export const exchangeParameters = [
  'assertion',
  'subject_token',
  'subject_token_type',
  'actor_token',
  'requested_token_type',
  'scope',
  'audience',
] as const;

export type ExchangeParameters = Readonly<
  Partial<Record<(typeof exchangeParameters)[number], string | undefined>>
>;

export interface RequestedExchange {
  /** The token that says who asks. */
  readonly token: string;
  /** Whether it came by its name of RFC 8693, whose answer then says the type of token. */
  readonly standard: boolean;
}

/** The token type that the answer to a standard request states (RFC 8693 section 2.2.1). */
export const issuedTokenType = accessTokenType;

/**
 * Reads which token is to be exchanged. The type of a `subject_token` may be left out.
 * @throws LatchkeyError `OAUTH_INVALID_REQUEST`: there is none, or two; another type is wanted; there is an
 *   `actor_token`, for nobody acts for somebody else here
 * @see RFC 8693 section 2.1
 */
export function requestedExchange(parameters: ExchangeParameters): RequestedExchange {
  const { assertion, subject_token: subjectToken, actor_token: actorToken } = parameters;
  const token = subjectToken ?? assertion;
  if (token === undefined || token === '') throw invalidRequest('assertion is missing');
  if (assertion !== undefined && assertion !== token)
    throw invalidRequest('assertion and subject_token differ');
  if (actorToken !== undefined) throw invalidRequest('actor_token is not supported');
  for (const type of [parameters.subject_token_type, parameters.requested_token_type]) {
    if (type !== undefined && type !== accessTokenType)
      throw invalidRequest('the token type is not supported');
  }
  return { token, standard: subjectToken !== undefined };
}

/**
 * The scopes of a request: all that are asked for, each once. None: only an access token is wanted.
 * @throws LatchkeyError `OAUTH_INVALID_SCOPE`: the app may not ask for one
 */
export function grantedScopes(
  { scopes }: Pick<ClientRecord, 'scopes'>,
  asked: readonly string[],
): readonly string[] {
  if (asked.every((scope) => scopes.includes(scope))) return [...new Set(asked)];
  throw new LatchkeyError('OAUTH_INVALID_SCOPE', { detail: 'the app may not ask for one of the scopes' });
}

/**
 * The audiences of the access token: all that are asked for, each once; none where none is.
 * @throws LatchkeyError `OAUTH_INVALID_TARGET`: the app may not ask for one (RFC 8693 section 2.2.2)
 */
export function grantedAudiences(
  { audiences }: Pick<ClientRecord, 'audiences'>,
  asked: readonly string[],
): readonly string[] {
  if (asked.every((audience) => audiences.includes(audience))) return [...new Set(asked)];
  throw new LatchkeyError('OAUTH_INVALID_TARGET', { detail: 'the app may not ask for one of the audiences' });
}

/** The words of a list with blanks between them. */
export function wordsOf(text = ''): readonly string[] {
  return text.split(' ').filter((word) => word !== '');
}

function invalidRequest(advice: string): LatchkeyError {
  return new LatchkeyError('OAUTH_INVALID_REQUEST', { detail: advice, advice });
}
