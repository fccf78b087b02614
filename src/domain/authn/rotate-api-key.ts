/** API keys: their rotation, one's own with a credential, another's with the privilege to; and their age. */
import { audited } from '../audited.ts';
import { LatchkeyError } from '../errors.ts';
import type { Account, RoleId } from '../ids.ts';
import { occurrence } from '../occurrence.ts';
import type { RequestContext } from '../request.ts';
import { newApiKey, sealApiKey } from './api-key.ts';
import { changeCredential, readCredential } from './credential-change.ts';
import {
  knownCaller,
  recordedReason,
  requireSelfOrUpdate,
  requireStillProven,
  subjectOf,
  type Caller,
  type CallerServices,
  type KnownCaller,
} from './credential-subject.ts';

/**
 * Replaces an API key: the caller's own, proven by password or API key, or, with an access
 * token, that of a role on which the caller has `update`.
 * @param named the role as named in the request, `kind:id` or a full id; the caller by default
 * @returns the new API key
 * @throws LatchkeyError `CREDENTIALS_INVALID`, `AUTHENTICATION_ROLE_NOT_FOUND`, `ACCOUNT_NOT_FOUND`: not who it says
 * @throws LatchkeyError `KEY_ROTATION_TARGET_NOT_FOUND`, `PARAMETER_INVALID`, `CREDENTIAL_STRENGTH`
 * @throws LatchkeyError `PRIVILEGE_MISSING`, `KEY_ROTATION_NOT_APPLICABLE`
 * @see Conjur: PUT /{authenticator}/{account}/api_key
 */
export async function rotateApiKey(
  services: CallerServices,
  request: RequestContext,
  account: Account,
  caller: Caller,
  named: string | undefined,
): Promise<string> {
  const known = await knownCaller(services, request, account, caller);
  const { role } = known;
  let subjectRole: string = named ?? role;
  return audited(
    services.audit,
    (failure) => ({
      type: 'api-key',
      ...occurrence(services, request, recordedReason(failure)),
      role,
      subjectRole,
    }),
    async () => {
      const subject = subjectOf(account, known, named);
      subjectRole = subject;
      requireSelfOrUpdate(known, subject, named);
      return replaceApiKey(services, known, subject);
    },
  );
}

/** When a role's credentials changed last. */
export interface KeyAge {
  readonly role: RoleId;
  /** Milliseconds since 1970-01-01T00:00:00Z; undefined where it has none. */
  readonly changedAt: number | undefined;
}

/**
 * Tells when an API key was changed last; the caller needs what it takes to rotate it.
 * @param named as for {@link rotateApiKey}
 * @throws LatchkeyError those of {@link rotateApiKey}
 * @see Conjur: GET /{authenticator}/{account}/api_key
 */
export async function apiKeyAge(
  services: CallerServices,
  request: RequestContext,
  account: Account,
  caller: Caller,
  named: string | undefined,
): Promise<KeyAge> {
  const known = await knownCaller(services, request, account, caller);
  const role = subjectOf(account, known, named);
  requireSelfOrUpdate(known, role, named);
  const { credential } = await readCredential(services, role);
  return { role, changedAt: credential?.updatedAt };
}

/** Gives a role a new API key, provided that the caller still may. Unaudited: part of a larger act. */
async function replaceApiKey(services: CallerServices, caller: KnownCaller, role: RoleId): Promise<string> {
  const apiKey = newApiKey();
  const isOwn = role === caller.role;
  await changeCredential(services, role, isOwn ? 'credential' : 'authority', (credential, state) => {
    if (!state.graph.hasRole(role)) throw new LatchkeyError('CREDENTIALS_INVALID');
    if (isOwn) requireStillProven(services, caller, credential);
    else requireSelfOrUpdate({ ...caller, state }, role);
    return {
      passwordHash: credential?.passwordHash,
      restrictedTo: credential?.restrictedTo ?? [],
      sealedApiKey: sealApiKey(services.keyring, role, apiKey),
    };
  });
  return apiKey;
}
