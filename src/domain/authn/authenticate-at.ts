/** What every authenticator with a webservice does around its own proof. */
import { audited } from '../audited.ts';
import type { AccountState } from '../accounts/account-state.ts';
import { originAllowed } from '../cidr.ts';
import { isFailure, LatchkeyError } from '../errors.ts';
import { loginOf, resourceOf, type Account, type ResourceId, type RoleId } from '../ids.ts';
import { occurrence } from '../occurrence.ts';
import { decide } from '../rbac/check.ts';
import type { RequestContext } from '../request.ts';
import type { Services } from '../services.ts';
import {
  authenticatorText,
  isEnabled,
  notAuthorized,
  webserviceOf,
  type AuthenticatorName,
} from './authenticators.ts';

/** What authenticating at a webservice takes. */
export type AuthenticationServices = Pick<
  Services,
  'authority' | 'keyring' | 'audit' | 'clock' | 'tokens' | 'settings'
>;

/** An attempt to authenticate, as far as it has come: the authenticator is enabled and in policy. */
export interface Attempt {
  readonly request: RequestContext;
  readonly account: Account;
  readonly state: AccountState;
  readonly webservice: ResourceId;
  /**
   * Names the role as soon as it is known who says to be here, so that a record of a failure has it.
   * @param role a full id, whether or not there is such a role
   */
  identify(role: string): void;
}

/** What an authenticator proved. */
export interface Proof {
  readonly role: RoleId;
  /** How long the access token lives; by default the setting. */
  readonly ttlSeconds?: number;
  /** What else must hold of the role, judged after its privilege and its origin; throws where it does not. */
  readonly restrict?: (state: AccountState) => void;
}

/**
 * Trades a proof for an access token.
 *
 * The checks, in this order: the account exists, the authenticator is enabled, its webservice is
 * in policy; the proof; the role exists, may come from this address, holds `authenticate` on the
 * webservice, and meets the proof's own restrictions. The first that fails is the reason in the
 * audit record, of which there is exactly one.
 *
 * @param prove turns what was presented into a role; nothing is called out before the authenticator
 *   is known to be enabled
 * @returns the access token's JSON text
 * @throws LatchkeyError `ACCOUNT_NOT_FOUND`, `SERVICE_ID_MISSING`, `AUTHENTICATOR_NOT_ENABLED`, `WEBSERVICE_NOT_FOUND`,
 *   `AUTHENTICATION_ROLE_NOT_FOUND`, `ORIGIN_REFUSED`, `ROLE_NOT_AUTHORIZED`, and those of the proof
 */
export async function authenticateAt(
  services: AuthenticationServices,
  request: RequestContext,
  account: Account,
  name: AuthenticatorName,
  prove: (attempt: Attempt) => Promise<Proof>,
): Promise<string> {
  const webservice = webserviceOf(account, name);
  let role: string | undefined;
  const identify = (known: string): void => {
    role = known;
  };
  return audited(
    services.audit,
    (failure) => ({
      type: 'authn',
      operation: 'authenticate',
      ...occurrence(services, request, failure),
      role: role ?? `${account}:user:USERNAME_MISSING`,
      roleExists: role !== undefined && !isFailure(failure, 'AUTHENTICATION_ROLE_NOT_FOUND'),
      authenticator: name.kind,
      service: webservice,
    }),
    async () => {
      const { state } = await services.authority.read(account, []);
      requireService(services, state, name, webservice);
      const proof = await prove({ request, account, state, webservice, identify });
      identify(proof.role);
      // What was asked elsewhere may have been slow to answer: judge by what this process knows now.
      const present = (await services.authority.recent(account)) ?? state;
      requireRole(present, request, proof.role, webservice);
      proof.restrict?.(present);
      const ttlSeconds = proof.ttlSeconds ?? services.settings.accessTokenTtlSeconds;
      return services.tokens.issue(present, proof.role, ttlSeconds);
    },
  );
}

/**
 * The authenticator is enabled, and its webservice is in policy.
 * @throws LatchkeyError `AUTHENTICATOR_NOT_ENABLED`, `WEBSERVICE_NOT_FOUND`
 * @throws LatchkeyError `SERVICE_ID_MISSING`: an authn-oidc without a service; without one, the others are not enabled
 */
export function requireService(
  services: Pick<Services, 'settings'>,
  state: AccountState,
  name: AuthenticatorName,
  webservice: ResourceId,
): void {
  if (name.kind === 'authn-oidc' && name.serviceId === undefined)
    throw new LatchkeyError('SERVICE_ID_MISSING');
  if (!isEnabled(services, state, name)) {
    throw new LatchkeyError('AUTHENTICATOR_NOT_ENABLED', {
      detail: `'${authenticatorText(name)}' is not enabled`,
    });
  }
  if (!state.graph.hasResource(webservice)) {
    throw new LatchkeyError('WEBSERVICE_NOT_FOUND', {
      detail: `Webservice '${authenticatorText(name)}' not found`,
    });
  }
}

function requireRole(
  state: AccountState,
  request: RequestContext,
  role: RoleId,
  webservice: ResourceId,
): void {
  const { graph } = state;
  if (!graph.hasRole(role)) {
    throw new LatchkeyError('AUTHENTICATION_ROLE_NOT_FOUND', { detail: `'${loginOf(role)}' not found` });
  }
  if (!originAllowed(graph.restrictedTo(role), request.clientIp)) {
    throw new LatchkeyError('ORIGIN_REFUSED', { subject: resourceOf(role) });
  }
  if (!decide(graph, role, 'authenticate', webservice).allowed) {
    throw notAuthorized(loginOf(role), 'authenticate', webservice);
  }
}
