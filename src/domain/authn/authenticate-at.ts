/** What every authenticator with a webservice does around its own proof. */
import { audited } from '../audited.ts';
import type { AccountState } from '../accounts/account-state.ts';
import { originAllowed } from '../cidr.ts';
import { LatchkeyError } from '../errors.ts';
import { loginOf, resourceOf, storedRoleId, type Account, type ResourceId, type RoleId } from '../ids.ts';
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
  'authority' | 'keyring' | 'audit' | 'clock' | 'tokens' | 'settings' | 'attempts'
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

/** What must hold of an authenticator before anything that was presented is looked at. */
export type Admission = typeof requireService;

/**
 * Makes an attempt at an authenticator's webservice, and writes its one audit record: the account
 * exists, the authenticator is enabled, its webservice is in policy; then the act.
 *
 * @param operation what the record calls it
 * @param act what follows; it should identify the role as soon as it knows
 * @throws LatchkeyError `ACCOUNT_NOT_FOUND`, those of the admission and of the act
 */
export async function attemptAt<T>(
  services: Pick<Services, 'authority' | 'audit' | 'clock' | 'settings'>,
  request: RequestContext,
  account: Account,
  name: AuthenticatorName,
  operation: 'authenticate' | 'login',
  act: (attempt: Attempt) => Promise<T>,
  admit: Admission = requireService,
): Promise<T> {
  const webservice = webserviceOf(account, name);
  let role: string | undefined;
  let judgedBy: AccountState | undefined;
  const identify = (known: string): void => {
    role = known;
  };
  return audited(
    services.audit,
    (failure) => ({
      type: 'authn',
      operation,
      ...occurrence(services, request, failure),
      role: role ?? `${account}:user:USERNAME_MISSING`,
      roleExists:
        role !== undefined && (failure === undefined || judgedBy?.graph.hasRole(storedRoleId(role)) === true),
      authenticator: name.kind,
      service: webservice,
    }),
    async () => {
      const { state } = await services.authority.read(account, []);
      judgedBy = state;
      admit(services, state, name, webservice);
      return act({ request, account, state, webservice, identify });
    },
  );
}

/**
 * Trades a proof that cannot be guessed for an access token. Wrong ones count, by address and authenticator; see
 * {@link Attempts.byToken}.
 *
 * The checks, in this order: the account exists, the authenticator is enabled, its webservice is
 * in policy; the proof; the role exists, may come from this address, holds `authenticate` on the
 * webservice, and meets the proof's own restrictions. The first that fails is the reason in the
 * audit record, of which there is exactly one.
 *
 * @param prove turns what was presented into a role; nothing is called out before the authenticator
 *   is known to be enabled
 * @param admit judges the service first; by default {@link requireService}
 * @returns the access token's JSON text
 * @throws LatchkeyError `ACCOUNT_NOT_FOUND`, `SERVICE_ID_MISSING`, `AUTHENTICATOR_NOT_ENABLED`, `WEBSERVICE_NOT_FOUND`,
 *   `AUTHENTICATION_ROLE_NOT_FOUND`, `ORIGIN_REFUSED`, `ROLE_NOT_AUTHORIZED`, `ATTEMPTS_EXCEEDED`, and those of the proof
 */
export async function authenticateAt(
  services: AuthenticationServices,
  request: RequestContext,
  account: Account,
  name: AuthenticatorName,
  prove: (attempt: Attempt) => Promise<Proof>,
  admit: Admission = requireService,
): Promise<string> {
  return services.attempts.byToken({ request, account, name: authenticatorText(name) }, () =>
    tokenFor(services, request, account, name, prove, admit),
  );
}

/** As {@link authenticateAt}, for a proof whose failures are counted by whoever brings it. */
export async function tokenFor(
  services: AuthenticationServices,
  request: RequestContext,
  account: Account,
  name: AuthenticatorName,
  prove: (attempt: Attempt) => Promise<Proof>,
  admit: Admission = requireService,
): Promise<string> {
  const act = async (attempt: Attempt): Promise<string> => {
    const proof = await prove(attempt);
    attempt.identify(proof.role);
    // What was asked elsewhere may have been slow to answer: judge by what this process knows now.
    const present = sameAccount(attempt, await services.authority.recent(account));
    requireRole(present, proof.role);
    requireOrigin(present, request, proof.role);
    requireAuthenticate(present, proof.role, attempt.webservice);
    proof.restrict?.(present);
    const ttlSeconds = proof.ttlSeconds ?? services.settings.accessTokenTtlSeconds;
    return services.tokens.issue(present, proof.role, ttlSeconds);
  };
  return attemptAt(services, request, account, name, 'authenticate', act, admit);
}

/**
 * The account as it is now, provided that it is the one that the attempt was made in. What was proven by
 * the settings of one account proves nothing in another that has its name since.
 * @throws LatchkeyError `ACCOUNT_NOT_FOUND`
 */
export function sameAccount({ account, state }: Attempt, now: AccountState | undefined): AccountState {
  if (now?.epoch.lineage === state.epoch.lineage) return now;
  throw new LatchkeyError('ACCOUNT_NOT_FOUND', { detail: `Account '${account}' is not defined in Conjur` });
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
  requireEnabled(services, state, name, webservice);
}

/**
 * As {@link requireService}, where an authn-oidc without a service is one that is not enabled.
 * @throws LatchkeyError `AUTHENTICATOR_NOT_ENABLED`, `WEBSERVICE_NOT_FOUND`
 */
export function requireEnabled(
  services: Pick<Services, 'settings'>,
  state: AccountState,
  name: AuthenticatorName,
  webservice: ResourceId,
): void {
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

/** @throws LatchkeyError `AUTHENTICATION_ROLE_NOT_FOUND` */
export function requireRole({ graph }: AccountState, role: RoleId): void {
  if (!graph.hasRole(role)) {
    throw new LatchkeyError('AUTHENTICATION_ROLE_NOT_FOUND', { detail: `'${loginOf(role)}' not found` });
  }
}

/** @throws LatchkeyError `ORIGIN_REFUSED`: the role may not come from this address */
export function requireOrigin({ graph }: AccountState, request: RequestContext, role: RoleId): void {
  if (!originAllowed(graph.restrictedTo(role), request.clientIp)) {
    throw new LatchkeyError('ORIGIN_REFUSED', { subject: resourceOf(role) });
  }
}

/** @throws LatchkeyError `ROLE_NOT_AUTHORIZED`: the role lacks `authenticate` on the webservice */
export function requireAuthenticate({ graph }: AccountState, role: RoleId, webservice: ResourceId): void {
  if (!decide(graph, role, 'authenticate', webservice).allowed) {
    throw notAuthorized(loginOf(role), 'authenticate', webservice);
  }
}
