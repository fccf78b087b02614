/** The token-exchange grant: a token of `auth` for tokens of an app. */
import { isFailure, LatchkeyError } from '../../domain/errors.ts';
import {
  exchangeParameters,
  grantedAudiences,
  grantedScopes,
  issuedTokenType,
  requestedExchange,
  wordsOf,
} from '../../domain/provider/akeyless/exchange.ts';
import { holderOf, viewOfHolder, type TokenHolder } from '../../domain/provider/akeyless/token-holder.ts';
import { signsIn } from '../../domain/provider/identity/subject.ts';
import type { AccountView } from '../../domain/accounts/authority.ts';
import type { Services } from '../../domain/services.ts';
import type { Authorization, GrantHandler, TokenRequest } from '../engine/types.ts';

/** @see RFC 8693; Akeyless: OIDC apps */
export function exchangeGrant(services: Services): GrantHandler {
  return {
    parameters: exchangeParameters,
    repeatable: ['audience'],
    handle: (request) => exchange(services, request),
  };
}

async function exchange(
  services: Services,
  request: TokenRequest,
): Promise<Readonly<Record<string, unknown>>> {
  const { issuer, parameters, about } = request;
  const { token, standard } = requestedExchange(parameters);
  const { holder, view } = await present(services, request, token);
  const role = view.state.graph.role(holder.actor.role);
  if (role === undefined || !signsIn(role.role))
    throw refusedToken('the role is gone, or none that signs in');
  const client = issuer.spec.client(view, request.client.clientId);
  if (client === undefined)
    throw new LatchkeyError('OAUTH_INVALID_CLIENT', { detail: 'the app was just removed' });
  about(role);
  const scopes = grantedScopes(client, wordsOf(parameters['scope']));
  about(role, scopes);
  const authorization: Authorization = {
    role,
    client,
    scopes,
    audiences: grantedAudiences(client, wordsOf(parameters['audience'])),
    authTimeSeconds: holder.authTimeSeconds,
    ...(holder.credentialRevision === undefined ? {} : { credentialRevision: holder.credentialRevision }),
    attributes: holder.authenticator === undefined ? {} : { authenticator: holder.authenticator },
  };
  const decision = issuer.spec.mayUse(view, authorization);
  if (!decision.allowed) throw new LatchkeyError('OAUTH_ACCESS_DENIED', { detail: decision.reason });
  const issued = await issuer.issueTokens(view, authorization, {
    refreshToken: scopes.includes('offline_access'),
    accessTokenHash: false,
  });
  return {
    access_token: issued.accessToken,
    expires_in: issued.accessTokenTtlSeconds,
    ...(issued.idToken === undefined ? {} : { id_token: issued.idToken }),
    ...(standard ? { issued_token_type: issuedTokenType } : {}),
    ...(issued.refreshToken === undefined ? {} : { refresh_token: issued.refreshToken }),
    scope: issued.scope,
    token_type: 'bearer',
  };
}

/** A token that is no good is told apart from one that is missing, and from nothing else. */
async function present(
  services: Services,
  { ctx }: TokenRequest,
  token: string,
): Promise<{ readonly holder: TokenHolder; readonly view: AccountView }> {
  try {
    const holder = await holderOf(services, ctx.state.request, services.settings.account, token);
    return { holder, view: await viewOfHolder(services, holder) };
  } catch (error) {
    if (isFailure(error) && (error.kind === 'unauthenticated' || error.kind === 'forbidden')) {
      throw refusedToken(error.message, error);
    }
    throw error;
  }
}

function refusedToken(detail: string, cause?: unknown): LatchkeyError {
  return new LatchkeyError('OAUTH_INVALID_GRANT', { detail, ...(cause === undefined ? {} : { cause }) });
}
