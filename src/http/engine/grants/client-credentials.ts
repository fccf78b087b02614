/** A client that acts by itself (RFC 6749 section 4.4). */
import { LatchkeyError } from '../../../domain/errors.ts';
import type { Issuer } from '../exchange.ts';
import { issueTokens } from '../tokens.ts';
import type { GrantHandler } from '../types.ts';
import { tokenAnswer, wordsOf } from './requests.ts';
import { allowedAudiences, allowedScopes } from './targets.ts';

/** An access token for the client itself, with no refresh token (RFC 6749 section 4.4.3). Public clients get none. */
export function clientCredentials(issuer: Issuer): GrantHandler {
  return {
    parameters: ['scope', 'audience'],
    repeatable: ['audience'],
    handle: async ({ view, client, parameters, about }) => {
      if (client.type === 'public') {
        throw new LatchkeyError('OAUTH_UNAUTHORIZED_CLIENT', {
          detail: 'a public client has no credentials',
        });
      }
      const scopes = allowedScopes(issuer, view, client, wordsOf(parameters['scope']));
      about(undefined, scopes);
      const audiences = allowedAudiences(client, wordsOf(parameters['audience']));
      const authorization = { client, scopes, audiences, attributes: {} };
      return tokenAnswer(await issueTokens(issuer, view, authorization));
    },
  };
}
