import type { AccountState } from '../accounts/account-state.ts';
import { inAccount } from '../accounts/in-account.ts';
import { LatchkeyError } from '../errors.ts';
import { loginOf, type Account, type ResourceId } from '../ids.ts';
import { commitSmallPolicy } from '../policy/commit-plan.ts';
import type { LoadServices } from '../policy/load-request.ts';
import { planEdit } from '../policy/plan.ts';
import { decide } from '../rbac/check.ts';
import type { ActorRequest } from '../request.ts';
import { fieldOf, isGiven, type JsonObject } from './fields.ts';
import { kindOfType } from './kinds.ts';
import {
  authenticatorMissing,
  findAuthenticator,
  showAuthenticator,
  type ShownAuthenticator,
} from './show.ts';

/**
 * Switches an authenticator on or off.
 *
 * @param body the request: `enabled`, and nothing else
 * @throws LatchkeyError `AUTHENTICATOR_FIELD_INVALID`: `enabled` is missing or no boolean, or there is more
 * @throws LatchkeyError `AUTHENTICATOR_NOT_FOUND`: missing, or its webservice is invisible to the role
 * @throws LatchkeyError `AUTHENTICATOR_FORBIDDEN`: no `update` on the webservice
 * @throws LatchkeyError `STORE_BUSY`
 * @see Conjur: PATCH /authenticators/{account}/{type}/{name}
 */
export async function switchAuthenticator(
  services: LoadServices,
  request: ActorRequest,
  account: Account,
  type: string,
  name: string,
  body: JsonObject,
): Promise<ShownAuthenticator> {
  const enabled = readEnabled(body);
  const missing = (): LatchkeyError =>
    authenticatorMissing(account, `${kindOfType(type)?.kind ?? `authn-${type}`}/${name}`);
  const commit = commitSmallPolicy(services, request, account, (state) => {
    const webservice = findAuthenticator(state, request, type, name);
    if (webservice === undefined) throw missing();
    requireUpdate(state, request, webservice);
    const plan = planEdit(state.graph, () => undefined);
    return { plan, enabled: new Map([[webservice, enabled]]), result: undefined };
  });
  await inAccount(commit, () => {
    throw missing();
  });
  return showAuthenticator(services, request, account, type, name);
}

function readEnabled(body: JsonObject): boolean {
  if (!isGiven(body, 'enabled')) throw invalid('Missing required parameter: enabled');
  const more = Object.keys(body).filter((name) => name !== 'enabled');
  if (more.length > 0) throw invalid(`The following parameters were not expected: '${more.join(', ')}'`);
  const enabled = fieldOf(body, 'enabled');
  if (typeof enabled !== 'boolean') throw invalid('The enabled parameter must be of type=boolean');
  return enabled;
}

function invalid(detail: string): LatchkeyError {
  return new LatchkeyError('AUTHENTICATOR_FIELD_INVALID', { detail });
}

function requireUpdate({ graph }: AccountState, { actor }: ActorRequest, webservice: ResourceId): void {
  if (decide(graph, actor.role, 'update', webservice).allowed) return;
  throw new LatchkeyError('AUTHENTICATOR_FORBIDDEN', {
    detail: `CONJ00006E '${loginOf(actor.role)}' does not have 'update' privilege on ${webservice}`,
  });
}
