/** Whether an authenticator is configured so that it can work. */
import { actorView } from '../actor-view.ts';
import { audited } from '../audited.ts';
import type { AccountView } from '../accounts/authority.ts';
import { isFailure, LatchkeyError } from '../errors.ts';
import { loginOf, toResourceId, type Account, type ResourceId } from '../ids.ts';
import { occurrence } from '../occurrence.ts';
import { decide } from '../rbac/check.ts';
import type { ActorRequest } from '../request.ts';
import { authenticatorText, notAuthorized, webserviceOf, type AuthenticatorName } from './authenticators.ts';
import { requireService } from './authenticate-at.ts';
import { checkAzureService } from './azure/authenticate.ts';
import { checkGcpService } from './gcp/authenticate.ts';
import { checkJwtService } from './jwt/authenticate.ts';
import { checkKubernetesService } from './k8s/authenticate.ts';
import { isInstalled } from './kinds.ts';
import { checkOidcService } from './oidc/status.ts';
import type { StatusCheck, StatusServices } from './status-request.ts';

/** What a working authenticator should still be told about. */
export interface AuthenticatorStatus {
  readonly warnings: readonly string[];
}

/** The kinds that can be checked, each with its own check. */
const statusChecks: Readonly<Partial<Record<string, StatusCheck>>> = {
  'authn-azure': checkAzureService,
  'authn-gcp': checkGcpService,
  'authn-jwt': checkJwtService,
  'authn-k8s': checkKubernetesService,
  'authn-oidc': checkOidcService,
};

/**
 * Checks an authenticator: kind, account, caller, privilege (`read` on its `status` webservice),
 * webservice, enablement, variables, and that its issuer and keys can be fetched just now.
 *
 * @throws LatchkeyError `AUTHENTICATOR_NOT_SUPPORTED`, `STATUS_NOT_SUPPORTED`, `ACCOUNT_NOT_FOUND`,
 *   `AUTHENTICATION_ROLE_NOT_FOUND`, `WEBSERVICE_NOT_FOUND`, `ROLE_NOT_AUTHORIZED`, `SERVICE_ID_MISSING`,
 *   `AUTHENTICATOR_NOT_ENABLED`, `SERVICE_VARIABLE_*`, `ISSUER_*`: the first check that failed
 * @see Conjur: GET /{authenticator}/{service}/{account}/status
 */
export async function checkAuthenticator(
  services: StatusServices,
  request: ActorRequest,
  account: Account,
  name: AuthenticatorName,
): Promise<AuthenticatorStatus> {
  const { role } = request.actor;
  const webservice = webserviceOf(account, name);
  return audited(
    services.audit,
    (failure) => ({
      type: 'authn',
      operation: 'validate-status',
      ...occurrence(services, request, failure),
      role,
      roleExists: true,
      authenticator: name.kind,
      service: webservice,
    }),
    async () => {
      const check = statusCheckOf(name);
      const { state } = await viewFor(services, request, account);
      requireReader(
        state.graph.hasResource(statusOf(account, name)),
        state,
        request,
        statusOf(account, name),
        name,
      );
      if (!state.graph.hasResource(webservice)) throw webserviceMissing(authenticatorText(name));
      requireService(services, state, name, webservice);
      return { warnings: await check({ services, request, state, name, webservice }) };
    },
  );
}

function statusCheckOf(name: AuthenticatorName): StatusCheck {
  if (!isInstalled(name.kind)) {
    throw new LatchkeyError('AUTHENTICATOR_NOT_SUPPORTED', {
      detail: `Authenticator '${name.kind}' is not supported in Conjur`,
    });
  }
  // Without a service, authn-jwt has nothing to check.
  const nameless = name.kind === 'authn-jwt' && name.serviceId === undefined;
  const check = nameless ? undefined : statusChecks[name.kind];
  if (check === undefined) {
    throw new LatchkeyError('STATUS_NOT_SUPPORTED', {
      detail: `Status check not supported for ${name.kind}`,
    });
  }
  return check;
}

async function viewFor(
  services: StatusServices,
  request: ActorRequest,
  account: Account,
): Promise<AccountView> {
  return actorView(services, request.actor, account, []).catch((error: unknown) => {
    if (isFailure(error, 'ACCESS_TOKEN_ROLE_GONE')) {
      throw new LatchkeyError('AUTHENTICATION_ROLE_NOT_FOUND', {
        detail: `'${loginOf(request.actor.role)}' not found`,
      });
    }
    throw error;
  });
}

function requireReader(
  exists: boolean,
  state: AccountView['state'],
  request: ActorRequest,
  status: ResourceId,
  name: AuthenticatorName,
): void {
  const { role } = request.actor;
  if (!exists) throw webserviceMissing(`${authenticatorText(name)}/status`);
  if (!decide(state.graph, role, 'read', status).allowed) throw notAuthorized(loginOf(role), 'read', status);
}

function statusOf(account: Account, name: AuthenticatorName): ResourceId {
  return toResourceId(account, 'webservice', `conjur/${authenticatorText(name)}/status`);
}

function webserviceMissing(name: string): LatchkeyError {
  return new LatchkeyError('WEBSERVICE_NOT_FOUND', { detail: `Webservice '${name}' not found` });
}
