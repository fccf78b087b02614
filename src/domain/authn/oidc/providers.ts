/** The issuers that people can sign in at with a browser. */
import { createHash, randomBytes } from 'node:crypto';
import type { AccountState } from '../../accounts/account-state.ts';
import { inAccount } from '../../accounts/in-account.ts';
import { isFailure } from '../../errors.ts';
import type { Account, ResourceId } from '../../ids.ts';
import type { RequestContext } from '../../request.ts';
import type { Services } from '../../services.ts';
import { configuredIn } from '../authenticators.ts';
import type { SettingsServices } from '../service-settings.ts';
import { codeServiceOf, takesCodes, type CodeService } from './code-service.ts';

/** Where to sign in, and what to bring back from there. */
export interface SignInProvider {
  readonly serviceId: string;
  readonly name: string;
  /** Random, and kept by the client alone: the ID token will carry it. */
  readonly nonce: string;
  /** Random, and kept by the client alone; `redirectUri` carries its challenge. */
  readonly codeVerifier: string;
  /** The issuer's sign-in page with all that it must be asked, but for `state`, which the client adds. */
  readonly redirectUri: string;
}

const kind = 'authn-oidc';
const randomByteCount = 25;

/**
 * The services that take authorization codes and whose issuer answers, by service id. Whatever
 * cannot be used is left out. Anybody may ask.
 *
 * @throws LatchkeyError the store's errors
 * @see Conjur: GET /authn-oidc/{account}/providers
 */
export async function listProviders(
  services: SettingsServices & Pick<Services, 'codes'>,
  request: RequestContext,
  account: Account,
): Promise<readonly SignInProvider[]> {
  const view = await inAccount(services.authority.read(account, []), () => undefined);
  if (view === undefined) return [];
  const { state } = view;
  const providers = await Promise.all(
    codeServicesIn(state).map(async ([serviceId, webservice]) => {
      try {
        const service = await codeServiceOf(services, request, state, webservice);
        return toProvider(
          serviceId,
          service,
          await services.codes.authorizationEndpoint(service.client.issuer),
        );
      } catch (error) {
        if (isFailure(error) && error.kind === 'unauthenticated') return undefined;
        throw error;
      }
    }),
  );
  return providers.filter((provider) => provider !== undefined);
}

/** The services that take authorization codes, as policy has them: enabled or not, usable or not. */
export function codeServicesIn(
  state: AccountState,
): readonly (readonly [serviceId: string, webservice: ResourceId])[] {
  const candidates: (readonly [string, ResourceId])[] = [];
  for (const [name, webservice] of configuredIn(state)) {
    if (name.startsWith(`${kind}/`) && takesCodes(state, webservice))
      candidates.push([name.slice(kind.length + 1), webservice]);
  }
  return candidates.sort(([one], [other]) => (one < other ? -1 : 1));
}

/** A new sign-in at a service's issuer. @param endpoint where the issuer's sign-in page is */
export function toProvider(serviceId: string, service: CodeService, endpoint: string): SignInProvider {
  const nonce = randomBytes(randomByteCount).toString('hex');
  const codeVerifier = randomBytes(randomByteCount).toString('hex');
  const challenge = createHash('sha256').update(codeVerifier).digest('base64url');
  const parameters = [
    ['client_id', service.client.clientId],
    ['response_type', service.responseType],
    ['scope', service.scope],
    ['nonce', nonce],
    ['code_challenge', challenge],
    ['code_challenge_method', 'S256'],
    ['redirect_uri', service.client.redirectUri ?? ''],
  ] as const;
  const query = parameters.map(([name, value]) => `${name}=${encode(value)}`).join('&');
  return {
    serviceId,
    name: service.name,
    nonce,
    codeVerifier,
    redirectUri: `${endpoint}${endpoint.includes('?') ? '&' : '?'}${query}`,
  };
}

/** Everything but the unreserved characters of RFC 3986 section 2.3. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
