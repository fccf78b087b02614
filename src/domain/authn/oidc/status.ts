import type { StatusRequest } from '../status-request.ts';
import { codeServiceOf, takesCodes } from './code-service.ts';
import { oidcServiceOf } from './service.ts';
import { readTokenTtl } from './token-ttl.ts';

/**
 * Whether a service can sign people in: its variables, and its issuer and keys, fetched just now.
 * A service that declares `client-id` is judged as one that takes authorization codes, any other
 * as one that takes ID tokens.
 *
 * @returns what a working service should still be told about
 * @throws LatchkeyError `SERVICE_VARIABLE_*`, `TOKEN_TTL_INVALID`, `ISSUER_*`
 * @see Conjur: GET /authn-oidc/{service}/{account}/status
 */
export async function checkOidcService(status: StatusRequest): Promise<readonly string[]> {
  return takesCodes(status.state, status.webservice) ? checkCodes(status) : checkIdTokens(status);
}

async function checkCodes({
  services,
  request,
  state,
  webservice,
}: StatusRequest): Promise<readonly string[]> {
  const service = await codeServiceOf(services, request, state, webservice);
  readTokenTtl(service.tokenTtl, webservice);
  await services.idTokens.check(service.client.issuer);
  return [];
}

async function checkIdTokens({
  services,
  request,
  state,
  webservice,
}: StatusRequest): Promise<readonly string[]> {
  const { issuer } = await oidcServiceOf(services, request, state, webservice);
  await services.idTokens.check(issuer);
  if (issuer.audiences !== undefined) return [];
  return ['The variable audience is not set: ID tokens that the issuer made for any client are accepted.'];
}
