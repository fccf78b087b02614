/** Authenticating with a secret of one's own: an API key or a password. */
import { LatchkeyError } from '../../errors.ts';
import { loginOf, type Account } from '../../ids.ts';
import type { RequestContext } from '../../request.ts';
import { signInByCredential } from '../sign-in/by-credential.ts';
import { ownAuthenticator } from './caller.ts';
import { methodOf } from './directory.ts';
import {
  needed,
  refusedUnknown,
  type MethodServices,
  type PresentedProof,
  type ProvenCaller,
} from './proof.ts';

/**
 * Proves a role by its API key or password. The access id is the role's own, or that of the authenticator
 * `authn`, or absent; in the latter cases there must be a login.
 * @throws LatchkeyError `REGISTRY_FIELD_INVALID`: what is needed is missing
 * @throws LatchkeyError `CREDENTIALS_INVALID`, `AUTHENTICATION_ROLE_NOT_FOUND`: look alike to the caller
 * @throws LatchkeyError `ATTEMPTS_EXCEEDED`, `ORIGIN_REFUSED`, which counts as a failure
 */
export async function proveByOwnSecret(
  services: MethodServices,
  request: RequestContext,
  account: Account,
  proof: PresentedProof,
): Promise<ProvenCaller> {
  const byPassword = proof.accessType === 'password';
  const secret = byPassword
    ? needed(proof.password, 'admin-password')
    : needed(proof.accessKey, 'access-key');
  const login = await loginOfProof(
    services,
    request,
    account,
    proof,
    byPassword ? 'admin-email' : 'access-id',
  );
  const presented = { login, secret: Buffer.from(secret) };
  const { role, view } = await signInByCredential(services, request, account, presented);
  return { role, authenticator: ownAuthenticator, credentialRevision: view.credentialRevision };
}

async function loginOfProof(
  services: MethodServices,
  request: RequestContext,
  account: Account,
  { accessId, login }: PresentedProof,
  field: string,
): Promise<string> {
  if (accessId === undefined) return needed(login, field);
  return refusedUnknown(services, request, account, ownAuthenticator, async () => {
    const { state } = await services.authority.read(account, []);
    const method = methodOf(state, accessId);
    if (method === undefined || ('authenticator' in method && method.authenticator !== ownAuthenticator)) {
      throw new LatchkeyError('CREDENTIALS_INVALID', { detail: 'the access id is not one of an own secret' });
    }
    if ('authenticator' in method) return needed(login, 'login');
    const own = loginOf(method.role);
    if (login !== undefined && login !== own) {
      throw new LatchkeyError('CREDENTIALS_INVALID', { detail: 'the access id is that of another role' });
    }
    return own;
  });
}
