/** authn-iam: a request that was signed with the credentials of an AWS role, for an access token. */
import type { CallerIdentity } from '../../../ports/caller-identity.ts';
import { LatchkeyError, isFailure } from '../../errors.ts';
import { roleOfLogin, type Account, type RoleId } from '../../ids.ts';
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
 * @throws LatchkeyError those of {@link authenticateAt}, `CREDENTIALS_INVALID`: the login is another
 *   role's; `AWS_HEADERS_INVALID`, `AWS_UNREACHABLE`
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
  const role = roleNamed(account, login);
  attempt.identify(role);
  requireRole(state, role);
  requireAuthenticate(state, role, webservice);
  requireOrigin(state, request, role);
  return role;
}

function roleNamed(account: Account, login: string): RoleId {
  try {
    return roleOfLogin(account, login);
  } catch (error) {
    if (isFailure(error, 'ID_INVALID')) throw new LatchkeyError('CREDENTIALS_INVALID');
    throw error;
  }
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
