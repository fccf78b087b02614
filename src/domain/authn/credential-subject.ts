/**
 * Whose credential a request is about, and whether the caller has proven enough to touch it: the
 * order of checks that passwords and API keys share.
 */
import { actorView } from '../actor-view.ts';
import type { AccountState } from '../accounts/account-state.ts';
import { isFailure, LatchkeyError } from '../errors.ts';
import { isIdText, partsOf, resourceOf, splitId, toRoleId, type Account, type RoleId } from '../ids.ts';
import { decide } from '../rbac/check.ts';
import type { Actor, RequestContext } from '../request.ts';
import type { Services } from '../services.ts';
import { proveByCredential, type Presented } from './login.ts';

/** Who calls: with a password or API key that is proven anew, or with an access token. */
export type Caller =
  | { readonly proof: 'credential'; readonly presented: Presented }
  | { readonly proof: 'token'; readonly actor: Actor };

/** A caller that is who it says, as of one read of the account of the URL. */
export interface KnownCaller {
  readonly role: RoleId;
  readonly proof: Caller['proof'];
  readonly state: AccountState;
}

export type CallerServices = Pick<Services, 'authority' | 'keyring' | 'passwords' | 'clock' | 'audit'>;

/**
 * Finds out who calls.
 * @throws LatchkeyError `CREDENTIALS_INVALID`: also when the role of a token is gone
 * @throws LatchkeyError `AUTHENTICATION_ROLE_NOT_FOUND`, `ACCOUNT_NOT_FOUND`, `ACCESS_TOKEN_INVALID`
 */
export async function knownCaller(
  services: CallerServices,
  request: RequestContext,
  account: Account,
  caller: Caller,
): Promise<KnownCaller> {
  if (caller.proof === 'credential') {
    const { role, view } = await proveByCredential(services, request, account, caller.presented);
    return { role, proof: caller.proof, state: view.state };
  }
  const { role } = caller.actor;
  const { state } = await actorView(services, caller.actor, account, []).catch((error: unknown) => {
    if (isFailure(error, 'ACCESS_TOKEN_ROLE_GONE'))
      throw new LatchkeyError('CREDENTIALS_INVALID', { cause: error });
    throw error;
  });
  return { role, proof: caller.proof, state };
}

/**
 * The role that a request names, or the caller where it names none.
 * @param named `kind:id` or a full id
 * @throws LatchkeyError `KEY_ROTATION_TARGET_NOT_FOUND`: no such role in this account
 * @throws LatchkeyError `PARAMETER_INVALID`: no colon
 * @throws LatchkeyError `CREDENTIAL_STRENGTH`: it is the caller, who came with an access token
 */
export function subjectOf(account: Account, caller: KnownCaller, named: string | undefined): RoleId {
  const subject = named === undefined ? caller.role : roleNamed(account, named);
  const exists = subject !== undefined && (subject === caller.role || caller.state.graph.hasRole(subject));
  if (!exists) throw notFound(named ?? '', caller.role);
  if (subject === caller.role && caller.proof === 'token') throw new LatchkeyError('CREDENTIAL_STRENGTH');
  return subject;
}

/**
 * Others' credentials take an access token, and `update` on the role's resource.
 * @throws LatchkeyError `CREDENTIALS_INVALID`: the caller came with a credential of its own
 * @throws LatchkeyError `KEY_ROTATION_TARGET_NOT_FOUND`: invisible
 * @throws LatchkeyError `PRIVILEGE_MISSING`
 * @throws LatchkeyError `KEY_ROTATION_NOT_APPLICABLE`: a role that has no credentials
 */
export function requireSelfOrUpdate(caller: KnownCaller, subject: RoleId): void {
  if (subject === caller.role) return;
  if (caller.proof === 'credential') throw foreign();
  const { graph } = caller.state;
  const resource = resourceOf(subject);
  const { kind } = partsOf(subject);
  const actor = kind === 'user' || kind === 'host';
  const mayUpdate = decide(graph, caller.role, 'update', resource);
  if (!mayUpdate.allowed) {
    if (mayUpdate.reason === 'privilege_missing') throw lacking(caller.role, actor);
    const unseen = `CONJ00125E The requested resource '${subject}' is not visible to Role '${caller.role}'`;
    throw notFound(subject, caller.role, unseen);
  }
  if (actor) return;
  // Conjur asks for `read` first, so that who holds both, as an owner does, is refused plainly.
  if (decide(graph, caller.role, 'read', resource).allowed) throw lacking(caller.role, false);
  throw new LatchkeyError('KEY_ROTATION_NOT_APPLICABLE', {
    detail: `CONJ00126E Role '${subject}' is not applicable for key rotation`,
    cause: new LatchkeyError('KEY_ROTATION_NOT_APPLICABLE', {
      detail: `CONJ00120E Role '${subject}' has no credentials`,
    }),
  });
}

/** In the words of Conjur's log, by what was asked for: a role with credentials, or another. */
function lacking(caller: RoleId, actor: boolean): LatchkeyError {
  return new LatchkeyError('PRIVILEGE_MISSING', {
    detail: actor
      ? `CONJ00124E Role '${caller}' has insufficient privileges over the resource`
      : `CONJ00122E Role '${caller}' does not have permissions to access the requested resource`,
  });
}

/** Nobody acts for another here. */
export function foreign(): LatchkeyError {
  return new LatchkeyError('CREDENTIALS_INVALID', { detail: 'Operation attempted against foreign user' });
}

function roleNamed(account: Account, named: string): RoleId | undefined {
  const parts = splitId(named) ?? splitId(`${account}:${named}`);
  if (parts === undefined) {
    if (named.includes(':')) return undefined;
    throw new LatchkeyError('PARAMETER_INVALID', { detail: `Expected at least 2 tokens in ${named}` });
  }
  const { account: owner, kind, identifier } = parts;
  return isIdText(owner, kind, identifier) ? toRoleId(owner, kind, identifier) : undefined;
}

function notFound(target: string, caller: RoleId, because?: string): LatchkeyError {
  return new LatchkeyError('KEY_ROTATION_TARGET_NOT_FOUND', {
    detail: `CONJ00123E Resource '${target}' requested by role '${caller}' not found`,
    ...(because === undefined
      ? {}
      : { cause: new LatchkeyError('KEY_ROTATION_TARGET_NOT_FOUND', { detail: because }) }),
  });
}
