/** authn-iam: a request that was signed with the credentials of an AWS role, for an access token. */
import type { CallerIdentity } from '../../../ports/caller-identity.ts';
import { LatchkeyError } from '../../errors.ts';
import type { Account, RoleId } from '../../ids.ts';
import type { RequestContext } from '../../request.ts';
import type { Services } from '../../services.ts';
import {
  authenticateAt,
  requireAuthenticate,
  requireOrigin,
  requireRole,
  type Attempt,
  type AuthenticationServices,
} from '../authenticate-at.ts';
import { requireUserOrHost } from '../federated-role.ts';
import { roleOfPresented } from '../login.ts';
import { readServiceSettings } from '../service-settings.ts';
import { readSignedCall } from './signed-call.ts';

const kind = 'authn-iam';

const variables = { required: [], optional: [], mayBeUnset: ['optional-signed-headers'] } as const;

/** A session of a role (AWS: AssumedRole), and nothing else that can call: users and roles may have one name. */
const assumedRole = /^arn:aws[a-z-]{0,20}:sts::(\d{12}):assumed-role\/([^/]+)\/[^/]+$/;

/**
 * Trades the signed headers of an AWS GetCallerIdentity request for an access token. AWS is asked
 * only where the role exists, holds `authenticate` on the webservice and may come from this address.
 * The login must end in the AWS account and the name of the AWS role: `host/any/prefix/ACCOUNT/ROLE`.
 *
 * @param login as the URL names it
 * @param body a JSON object of the headers
 * @returns the access token's JSON text
 * @throws LatchkeyError those of {@link authenticateAt}, `CLAIM_KIND_REFUSED`, `CREDENTIALS_INVALID`: the
 *   login is another role's; `AWS_HEADERS_INVALID`, `AWS_UNREACHABLE`
 * @see Conjur: POST /authn-iam/{service}/{account}/{login}/authenticate
 */
export async function authenticateByIam(
  services: AuthenticationServices & Pick<Services, 'awsCallers'>,
  request: RequestContext,
  account: Account,
  serviceId: string | undefined,
  login: string,
  body: string,
): Promise<string> {
  return authenticateAt(services, request, account, { kind, serviceId }, async (attempt) => {
    const role = admit(attempt, login);
    const call = readSignedCall(body, await optionalHeadersOf(services, attempt));
    const identity = await services.awsCallers.identify(call);
    if (!isLoginOf(identity, login)) throw new LatchkeyError('CREDENTIALS_INVALID');
    return { role };
  });
}

function admit(attempt: Attempt, login: string): RoleId {
  const { request, account, state, webservice } = attempt;
  const role = roleOfPresented(account, login);
  attempt.identify(role);
  requireUserOrHost(login);
  requireRole(state, role);
  requireAuthenticate(state, role, webservice);
  requireOrigin(state, request, role);
  return role;
}

async function optionalHeadersOf(
  services: AuthenticationServices,
  { request, state, webservice }: Attempt,
): Promise<readonly string[]> {
  const { values } = await readServiceSettings<(typeof variables.mayBeUnset)[number]>(
    services,
    request,
    state,
    webservice,
    variables,
  );
  const names = values.get('optional-signed-headers')?.split(';') ?? [];
  return names.map((name) => name.trim().toLowerCase()).filter((name) => name !== '');
}

function isLoginOf({ account, arn }: CallerIdentity, login: string): boolean {
  const [, arnAccount, name] = assumedRole.exec(arn) ?? [];
  if (name === undefined || arnAccount !== account) return false;
  const prefix = login.split('/').slice(0, -2).join('/');
  return login === `${prefix}/${account}/${name}`;
}
