/** Signing people in to the provider through an authn-oidc service: at the issuer that they have an account with. */
import { isEnabled } from '../../authn/authenticators.ts';
import { authenticateByCode } from '../../authn/oidc/authenticate-by-code.ts';
import type { AuthenticationServices } from '../../authn/authenticate-at.ts';
import { codeServiceOf, type CodeService } from '../../authn/oidc/code-service.ts';
import { codeServicesIn, toProvider, type SignInProvider } from '../../authn/oidc/providers.ts';
import type { SettingsServices } from '../../authn/service-settings.ts';
import type { AccountState } from '../../accounts/account-state.ts';
import { isFailure, LatchkeyError } from '../../errors.ts';
import type { Account, ResourceId, RoleId } from '../../ids.ts';
import type { RequestContext } from '../../request.ts';
import type { Services } from '../../services.ts';

/** A service as a sign-in page names it. */
export interface SignInService {
  readonly serviceId: string;
  readonly name: string;
}

type Reading = SettingsServices & Pick<Services, 'settings'>;

/** Names and settings take a read each: no page has use for more. */
const maxShown = 20;

/**
 * The enabled services that send the browser back to the sign-in page: those whose variable
 * `redirect-uri` is its address. Calls no issuer; a service without its settings is left out.
 * @throws LatchkeyError the store's errors
 */
export async function signInServices(
  services: Reading,
  request: RequestContext,
  state: AccountState,
  callback: string,
): Promise<readonly SignInService[]> {
  const found: SignInService[] = [];
  for (const [serviceId, webservice] of codeServicesIn(state)) {
    if (found.length === maxShown) break;
    const service = await usableService(services, request, state, serviceId, webservice, callback);
    if (service !== undefined) found.push({ serviceId, name: service.name });
  }
  return found;
}

/**
 * Begins a sign-in at the issuer of one of {@link signInServices}.
 * @throws LatchkeyError `SIGN_IN_SERVICE_UNKNOWN`: it is none of them
 * @throws LatchkeyError the `ISSUER_*` errors of discovery
 */
export async function beginSignIn(
  services: Reading & Pick<Services, 'codes'>,
  request: RequestContext,
  state: AccountState,
  serviceId: string,
  callback: string,
): Promise<SignInProvider> {
  const webservice = codeServicesIn(state).find(([id]) => id === serviceId)?.[1];
  const service =
    webservice && (await usableService(services, request, state, serviceId, webservice, callback));
  if (service === undefined) throw new LatchkeyError('SIGN_IN_SERVICE_UNKNOWN');
  return toProvider(serviceId, service, await services.codes.authorizationEndpoint(service.client.issuer));
}

/** What the browser brought back, and what was kept meanwhile. */
export interface ReturnedSignIn {
  readonly serviceId: string;
  readonly code: string;
  readonly nonce: string;
  readonly codeVerifier: string;
}

/**
 * Ends a sign-in: the code becomes a role by all that the authenticator demands, `authenticate` on
 * its webservice included; the attempt is audited as any other.
 * @throws LatchkeyError those of {@link authenticateByCode}
 */
export async function endSignIn(
  services: AuthenticationServices & Pick<Services, 'idTokens' | 'codes'>,
  request: RequestContext,
  account: Account,
  { serviceId, code, nonce, codeVerifier }: ReturnedSignIn,
): Promise<RoleId> {
  const presented = { code, nonce, codeVerifier };
  const token = await authenticateByCode(services, request, account, serviceId, presented);
  const encoded = Buffer.from(token).toString('base64');
  const { role } = await services.tokens.verify(encoded, request.clientIp);
  return role;
}

async function usableService(
  services: Reading,
  request: RequestContext,
  state: AccountState,
  serviceId: string,
  webservice: ResourceId,
  callback: string,
): Promise<CodeService | undefined> {
  if (!isEnabled(services, state, { kind: 'authn-oidc', serviceId })) return undefined;
  try {
    const service = await codeServiceOf(services, request, state, webservice);
    return service.client.redirectUri === callback ? service : undefined;
  } catch (error) {
    if (isFailure(error) && error.kind === 'unauthenticated') return undefined;
    throw error;
  }
}
