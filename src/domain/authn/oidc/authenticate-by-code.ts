/** authn-oidc: an authorization code for an access token. */
import { isFailure, LatchkeyError } from '../../errors.ts';
import type { Account } from '../../ids.ts';
import type { RequestContext } from '../../request.ts';
import type { Services } from '../../services.ts';
import { authenticateAt, requireEnabled, type AuthenticationServices } from '../authenticate-at.ts';
import { codeServiceOf } from './code-service.ts';
import { mapUserClaim } from './map-claim.ts';
import { readTokenTtl } from './token-ttl.ts';

/** What a client sends back after its user signed in. */
export interface PresentedSignIn {
  readonly code: string | undefined;
  /** What the ID token must carry: the client made it, or took it from the list of providers. */
  readonly nonce: string | undefined;
  /** The secret half of the challenge that the sign-in was started with (RFC 7636), where it was. */
  readonly codeVerifier: string | undefined;
}

/** Longer than any that an issuer or a client makes. */
const maxCharacters = 8 * 1024;

/**
 * Trades an authorization code for an access token.
 *
 * Between the checks that every authenticator makes: the service's variables have values; code and
 * nonce were sent; the issuer trades the code for an ID token; that is signed by the issuer, for this
 * client, valid now, and carries the nonce; the claim names a user.
 *
 * @returns the access token's JSON text; it lives as long as the variable `token-ttl` says
 * @throws LatchkeyError those of {@link authenticateAt} but `SERVICE_ID_MISSING`, `SERVICE_VARIABLE_EMPTY`,
 *   `TOKEN_TTL_INVALID`, `REQUEST_FIELD_MISSING`, the `ISSUER_*` and `ID_TOKEN_*` errors,
 *   `CODE_EXCHANGE_FAILED`, `NONCE_MISMATCH`, `ADMIN_REFUSED`
 * @see Conjur: GET /authn-oidc/{service}/{account}/authenticate
 */
export async function authenticateByCode(
  services: AuthenticationServices & Pick<Services, 'idTokens' | 'codes'>,
  request: RequestContext,
  account: Account,
  serviceId: string | undefined,
  presented: PresentedSignIn,
): Promise<string> {
  const name = { kind: 'authn-oidc', serviceId };
  return authenticateAt(
    services,
    request,
    account,
    name,
    async ({ state, webservice }) => {
      const service = await codeServiceOf(services, request, state, webservice).catch(undeclaredAsEmpty);
      const ttlSeconds = readTokenTtl(service.tokenTtl, webservice);
      const code = required('code', presented.code);
      const nonce = required('nonce', presented.nonce);
      const { codeVerifier } = presented;
      const idToken = await services.codes.exchange(service.client, {
        code,
        ...(codeVerifier === undefined || codeVerifier === '' ? {} : { codeVerifier }),
      });
      const issuer = { ...service.client.issuer, audiences: [service.client.clientId] };
      const claims = await services.idTokens.verify(idToken, issuer);
      if (claims['nonce'] !== nonce) throw new LatchkeyError('NONCE_MISMATCH');
      return { role: mapUserClaim(account, claims, service.claimMapping), ttlSeconds };
    },
    requireEnabled,
  );
}

/** In this flow Conjur does not tell a variable that is not declared from one without a value. */
function undeclaredAsEmpty(error: unknown): never {
  if (!isFailure(error, 'SERVICE_VARIABLE_MISSING')) throw error;
  throw new LatchkeyError('SERVICE_VARIABLE_EMPTY', { detail: error.message, cause: error });
}

function required(field: string, value: string | undefined): string {
  if (value === undefined || value.trim() === '' || value.length > maxCharacters) {
    throw new LatchkeyError('REQUEST_FIELD_MISSING', {
      detail: `Field '${field}' is missing or empty in request body`,
    });
  }
  return value;
}
