/** Rotation of API keys: one's own with a credential, another's with the privilege to. */
import { audited } from '../audited.ts';
import { LatchkeyError } from '../errors.ts';
import { partsOf, resourceOf, roleOf, splitId, toResourceId, type Account, type RoleId } from '../ids.ts';
import { occurrence } from '../occurrence.ts';
import { decide } from '../rbac/check.ts';
import type { ActorRequest, RequestContext } from '../request.ts';
import type { Services } from '../services.ts';
import { actorView } from '../actor-view.ts';
import { newApiKey, sealApiKey } from './api-key.ts';
import { changeCredential } from './credential-change.ts';
import { proveByCredential, type Presented } from './login.ts';

type RotationServices = Pick<Services, 'authority' | 'keyring' | 'passwords' | 'clock' | 'audit'>;

/**
 * Replaces the caller's own API key, proven by password or API key.
 * @param target the role as named in the request, where it was: only the caller itself is allowed
 * @returns the new API key
 * @throws LatchkeyError `CREDENTIALS_INVALID`: also when `target` is somebody else
 * @throws LatchkeyError `KEY_ROTATION_TARGET_NOT_FOUND`, `PARAMETER_INVALID`
 * @see Conjur: PUT /authn/{account}/api_key with Basic credentials
 */
export async function rotateOwnApiKey(
  services: RotationServices,
  request: RequestContext,
  account: Account,
  presented: Presented,
  target: string | undefined,
): Promise<string> {
  const { role, view } = await proveByCredential(services, account, presented);
  return auditedRotation(services, request, role, target ?? role, async () => {
    if (target !== undefined) {
      const named = targetRole(account, target);
      if (!view.state.graph.hasRole(named)) throw notFound(target, role);
      if (named !== role) throw new LatchkeyError('CREDENTIALS_INVALID');
    }
    return replaceApiKey(services, role);
  });
}

/**
 * Replaces the API key of another role, which takes `update` on it. A role that holds only an
 * access token cannot replace its own key.
 * @param target `kind:id` or a full id
 * @returns the new API key
 * @throws LatchkeyError `CREDENTIAL_STRENGTH`: the target is the caller
 * @throws LatchkeyError `KEY_ROTATION_TARGET_NOT_FOUND`: missing, of another account, or invisible
 * @throws LatchkeyError `PRIVILEGE_MISSING`
 * @throws LatchkeyError `KEY_ROTATION_NOT_APPLICABLE`: neither a user nor a host
 * @throws LatchkeyError `PARAMETER_INVALID`: `target` has no colon
 * @see Conjur: PUT /authn/{account}/api_key?role= with a token
 */
export async function rotateApiKeyOf(
  services: RotationServices,
  request: ActorRequest,
  account: Account,
  target: string | undefined,
): Promise<string> {
  const caller = request.actor.role;
  return auditedRotation(services, request, caller, target ?? caller, async () => {
    const role = target === undefined ? caller : targetRole(account, target);
    const { state } = await actorView(services, request.actor, account, []);
    if (!state.graph.hasRole(role)) throw notFound(target ?? role, caller);
    if (role === caller) throw new LatchkeyError('CREDENTIAL_STRENGTH');
    const decision = decide(state.graph, caller, 'update', resourceOf(role));
    if (!decision.allowed) {
      if (decision.reason === 'privilege_missing') throw new LatchkeyError('PRIVILEGE_MISSING');
      throw notFound(role, caller);
    }
    const { kind } = partsOf(role);
    if (kind !== 'user' && kind !== 'host') {
      throw new LatchkeyError('KEY_ROTATION_NOT_APPLICABLE', {
        detail: `CONJ00126E Role '${role}' is not applicable for key rotation`,
      });
    }
    return replaceApiKey(services, role);
  });
}

/** Gives a role a new API key. Unaudited, unchecked: part of a larger act. */
async function replaceApiKey(services: RotationServices, role: RoleId): Promise<string> {
  const apiKey = newApiKey();
  await changeCredential(services, role, (credential, state) => {
    if (!state.graph.hasRole(role)) throw new LatchkeyError('CREDENTIALS_INVALID');
    return {
      passwordHash: credential?.passwordHash,
      restrictedTo: credential?.restrictedTo ?? [],
      sealedApiKey: sealApiKey(services.keyring, role, apiKey),
    };
  });
  return apiKey;
}

function targetRole(account: Account, target: string): RoleId {
  const parts = splitId(target) ?? splitId(`${account}:${target}`);
  if (parts === undefined) {
    throw new LatchkeyError('PARAMETER_INVALID', { detail: `Expected at least 2 tokens in ${target}` });
  }
  return roleOf(toResourceId(parts.account, parts.kind, parts.identifier));
}

function notFound(target: string, caller: RoleId): LatchkeyError {
  return new LatchkeyError('KEY_ROTATION_TARGET_NOT_FOUND', {
    detail: `CONJ00123E Resource '${target}' requested by role '${caller}' not found`,
  });
}

async function auditedRotation(
  services: RotationServices,
  request: RequestContext,
  role: RoleId,
  subjectRole: string,
  act: () => Promise<string>,
): Promise<string> {
  return audited(
    services.audit,
    (failure) => ({ type: 'api-key', ...occurrence(services, request, failure), role, subjectRole }),
    act,
  );
}
