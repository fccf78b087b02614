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
import type { Keyring } from '../../ports/keyring.ts';
import type { Credential } from '../records/credentials.ts';
import { openApiKey } from './api-key.ts';
import { proveByCredential, type Presented, type Proven } from './login.ts';

/** Who calls: with a password or API key that is proven anew, or with an access token. */
export type Caller =
  | { readonly proof: 'credential'; readonly presented: Presented }
  | { readonly proof: 'token'; readonly actor: Actor };

/** A caller that is who it says, as of one read of the account of the URL. */
export interface KnownCaller {
  readonly role: RoleId;
  readonly proof: Caller['proof'];
  readonly state: AccountState;
  /** How it proved itself by a credential. */
  readonly proven?: Proven;
}

export type CallerServices = Pick<
  Services,
  'authority' | 'keyring' | 'passwords' | 'clock' | 'audit' | 'attempts'
>;

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
    const proven = await proveByCredential(services, request, account, caller.presented);
    return { role: proven.role, proof: caller.proof, state: proven.view.state, proven };
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
 * @param named as the request names it: what is invisible is answered in the words of what is missing
 * @throws LatchkeyError `CREDENTIALS_INVALID`: the caller came with a credential of its own
 * @throws LatchkeyError `KEY_ROTATION_TARGET_NOT_FOUND`: invisible
 * @throws LatchkeyError `PRIVILEGE_MISSING`
 * @throws LatchkeyError `KEY_ROTATION_NOT_APPLICABLE`: a role that has no credentials
 */
export function requireSelfOrUpdate(caller: KnownCaller, subject: RoleId, named: string = subject): void {
  if (subject === caller.role) return;
  if (caller.proof === 'credential') throw foreign();
  const { graph } = caller.state;
  const resource = resourceOf(subject);
  const { kind } = partsOf(subject);
  const actor = kind === 'user' || kind === 'host';
  // The administrator of an account belongs to who made the account: a role that is not in its graph.
  if (actor && graph.resource(resource)?.owner === caller.role) return;
  const mayUpdate = decide(graph, caller.role, 'update', resource);
  if (!mayUpdate.allowed) {
    if (mayUpdate.reason === 'privilege_missing') throw lacking(caller.role, actor);
    throw unseen(named, subject, caller.role);
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

/**
 * What a caller proved itself with must still be its own when the change is made: whoever has a
 * stolen key replaced must not see the thief replace it once more.
 * @param present the caller's credential as it is now
 * @throws LatchkeyError `CREDENTIALS_INVALID`
 */
export function requireStillProven(
  { keyring }: Pick<Services, 'keyring'>,
  { role, proven }: KnownCaller,
  present: Credential | undefined,
): void {
  const then = proven?.view.credential;
  if (then === undefined) return;
  const same =
    proven?.by === 'password'
      ? then.passwordHash === present?.passwordHash
      : isSameApiKey(keyring, role, then.sealedApiKey, present?.sealedApiKey);
  if (!same) throw new LatchkeyError('CREDENTIALS_INVALID', { detail: 'the credential was just replaced' });
}

/** Unless it was replaced, the sealed form is the same, but for the rotation of the data key. */
function isSameApiKey(
  keyring: Keyring,
  role: RoleId,
  then: Uint8Array | undefined,
  now: Uint8Array | undefined,
): boolean {
  if (then === undefined || now === undefined) return then === now;
  return (
    Buffer.compare(then, now) === 0 || openApiKey(keyring, role, then) === openApiKey(keyring, role, now)
  );
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

function notFound(target: string, caller: RoleId): LatchkeyError {
  const detail = notFoundText(target, caller);
  return new LatchkeyError('KEY_ROTATION_TARGET_NOT_FOUND', { detail });
}

/** As {@link notFound} to the caller, and with the reason, and the whole id, to the operator. */
function unseen(named: string, subject: RoleId, caller: RoleId): LatchkeyError {
  const because = `CONJ00125E The requested resource '${subject}' is not visible to Role '${caller}'`;
  const detail = `${notFoundText(subject, caller)}: ${because}`;
  return new LatchkeyError('KEY_ROTATION_TARGET_NOT_FOUND', {
    detail: notFoundText(named, caller),
    cause: new LatchkeyError('KEY_ROTATION_TARGET_NOT_FOUND', { detail }),
  });
}

function notFoundText(target: string, caller: RoleId): string {
  return `CONJ00123E Resource '${target}' requested by role '${caller}' not found`;
}

/** Why a request about a credential failed, in full, for its record. */
export function recordedReason(failure: unknown): unknown {
  const tellsLess = isFailure(failure, 'KEY_ROTATION_TARGET_NOT_FOUND');
  return tellsLess ? (failure.cause ?? failure) : failure;
}
