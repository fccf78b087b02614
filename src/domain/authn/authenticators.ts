/** Which authenticators there are, which are enabled, and switching them on and off. */
import { actorView } from '../actor-view.ts';
import { audited } from '../audited.ts';
import { encodeEnabled, type AccountState } from '../accounts/account-state.ts';
import { Derived } from '../accounts/derived.ts';
import { inAccount } from '../accounts/in-account.ts';
import { untilCommitted } from '../accounts/until-committed.ts';
import { LatchkeyError } from '../errors.ts';
import { isIdText, partsOf, toResourceId, type Account, type ResourceId } from '../ids.ts';
import { occurrence } from '../occurrence.ts';
import { decide } from '../rbac/check.ts';
import { authenticatorKey } from '../records/keys.ts';
import type { ActorRequest } from '../request.ts';
import type { Services } from '../services.ts';
import { authenticatorKinds, isInstalled } from './kinds.ts';

/** An authenticator as a URL names it: its kind, and the service, where it has one. */
export interface AuthenticatorName {
  /** For example `authn-oidc`. */
  readonly kind: string;
  readonly serviceId: string | undefined;
}

/** `authn-oidc/okta`: how configuration and lists name an authenticator. */
export function authenticatorText({ kind, serviceId }: AuthenticatorName): string {
  return serviceId === undefined ? kind : `${kind}/${serviceId}`;
}

/**
 * The webservice that stands for an authenticator: `conjur/authn-oidc/okta`.
 * @throws LatchkeyError `WEBSERVICE_NOT_FOUND`: nothing can be called that
 */
export function webserviceOf(account: Account, name: AuthenticatorName): ResourceId {
  const identifier = `conjur/${authenticatorText(name)}`;
  if (isIdText(account, 'webservice', identifier)) return toResourceId(account, 'webservice', identifier);
  throw new LatchkeyError('WEBSERVICE_NOT_FOUND', { detail: 'No authenticator can have this name' });
}

/** Enabled by configuration, or over the API in this account. Configuration cannot be overruled. */
export function isEnabled(
  services: Pick<Services, 'settings'>,
  state: AccountState,
  name: AuthenticatorName,
): boolean {
  return (
    services.settings.authenticators.includes(authenticatorText(name)) ||
    state.graph.enabled(webserviceOf(state.account, name)) === true
  );
}

export interface AuthenticatorLists {
  readonly installed: readonly string[];
  readonly configured: readonly string[];
  readonly enabled: readonly string[];
}

/**
 * The authenticators of all accounts, sorted.
 * @see Conjur: GET /authenticators
 */
export async function listAuthenticators(
  services: Pick<Services, 'authority' | 'settings'>,
): Promise<AuthenticatorLists> {
  const names = new Set(['authn']);
  const enabled = new Set(services.settings.authenticators);
  for (const account of await services.authority.accounts()) {
    // It may have been removed since the list was made.
    const view = await inAccount(services.authority.read(account, []), () => undefined);
    if (view === undefined) continue;
    for (const [name, webservice] of configuredIn(view.state)) {
      names.add(name);
      if (view.state.graph.enabled(webservice) === true) enabled.add(name);
    }
  }
  return {
    installed: authenticatorKinds,
    configured: [...names].sort(),
    enabled: [...enabled].sort(),
  };
}

const configured = new Derived<'all', ReadonlyMap<string, ResourceId>>();

/** The authenticators in policy by name (`authn-oidc/okta`), kept until the account changes: anybody may ask, and a scan is not free. */
export function configuredIn(state: AccountState): ReadonlyMap<string, ResourceId> {
  const known = configured.of(state, 'all');
  if (known !== undefined) return known;
  const found = new Map<string, ResourceId>();
  for (const resource of state.graph.resources()) {
    const { kind, identifier } = partsOf(resource);
    const name = kind === 'webservice' ? webserviceForm.exec(identifier)?.[1] : undefined;
    if (name !== undefined) found.set(name, resource);
  }
  configured.keep(state, 'all', found, state.epoch);
  return found;
}

const webserviceForm = /^conjur\/(authn(?:-[^/]+)?(?:\/[^/]+)?)$/;

/**
 * Switches an authenticator on or off in one account.
 * @throws LatchkeyError `ACCOUNT_NOT_FOUND`, `WEBSERVICE_NOT_FOUND`
 * @throws LatchkeyError `AUTHENTICATOR_NOT_SUPPORTED`: the webservice is no authenticator's
 * @throws LatchkeyError `ROLE_NOT_AUTHORIZED`: no `update` on the webservice
 * @see Conjur: PATCH /{authenticator}/{service}/{account}
 */
export async function enableAuthenticator(
  services: Pick<Services, 'authority' | 'clock' | 'audit'>,
  request: ActorRequest,
  account: Account,
  name: AuthenticatorName,
  enabled: boolean,
): Promise<void> {
  const webservice = webserviceOf(account, name);
  const { role } = request.actor;
  await audited(
    services.audit,
    (failure) => ({
      type: 'authn',
      operation: 'update-authenticator-configuration',
      ...occurrence(services, request, failure),
      role,
      roleExists: true,
      authenticator: name.kind,
      service: webservice,
    }),
    () =>
      untilCommitted(async () => {
        const { state, epoch } = await actorView(services, request.actor, account, []);
        requireUpdate(state, request, name, webservice);
        const changes = [{ key: authenticatorKey(webservice), value: encodeEnabled(enabled) }];
        const commit = { changes, authority: true, expectEpoch: epoch };
        const { committed } = await services.authority.commit(account, commit);
        return committed || undefined;
      }),
  );
}

function requireUpdate(
  state: AccountState,
  request: ActorRequest,
  name: AuthenticatorName,
  webservice: ResourceId,
): void {
  const { actor } = request;
  if (!state.graph.hasResource(webservice)) {
    throw new LatchkeyError('WEBSERVICE_NOT_FOUND', {
      detail: `Webservice '${authenticatorText(name)}' not found`,
    });
  }
  if (!isInstalled(name.kind) || name.serviceId?.includes('/') === true) {
    throw new LatchkeyError('AUTHENTICATOR_NOT_SUPPORTED', {
      detail: `Authenticator '${authenticatorText(name)}' is not supported in Conjur`,
    });
  }
  if (!decide(state.graph, actor.role, 'update', webservice).allowed) {
    throw notAuthorized(actor.role, 'update', webservice);
  }
}

/** `ROLE_NOT_AUTHORIZED`, in the words of Conjur's records. */
export function notAuthorized(role: string, privilege: string, resource: ResourceId): LatchkeyError {
  return new LatchkeyError('ROLE_NOT_AUTHORIZED', {
    detail: `'${role}' does not have '${privilege}' privilege on ${resource}`,
  });
}
