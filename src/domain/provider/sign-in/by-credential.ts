/** Signing people in to the provider by name and password, or API key. */
import { audited } from '../../audited.ts';
import {
  loginEvent,
  type CredentialServices,
  provenBy,
  type Presented,
  type Proven,
} from '../../authn/login.ts';
import { originAllowed } from '../../cidr.ts';
import { LatchkeyError } from '../../errors.ts';
import type { Account, RoleId } from '../../ids.ts';
import type { RequestContext } from '../../request.ts';
import { signsIn } from '../identity/subject.ts';

/**
 * Proves a role by its name and a password, or an API key. The attempt is audited as a login; a role that
 * proves itself and may not sign in, by that or from there, has a second record, and counts as a failure.
 * @throws LatchkeyError `CREDENTIALS_INVALID`, `AUTHENTICATION_ROLE_NOT_FOUND`, `ACCOUNT_NOT_FOUND`: look alike to the caller
 * @throws LatchkeyError `ATTEMPTS_EXCEEDED`: too many failed of late; see {@link provenBy}
 * @throws LatchkeyError `ORIGIN_REFUSED`: the role is restricted to other addresses
 */
export async function signInByCredential(
  services: CredentialServices,
  request: RequestContext,
  account: Account,
  presented: Presented,
): Promise<Proven> {
  return provenBy(services, request, account, presented, async (proven) => {
    const { role, view } = proven;
    const refusal = refusalOf(role, originAllowed(view.state.graph.restrictedTo(role), request.clientIp));
    if (refusal !== undefined) {
      await audited(
        services.audit,
        (failure) => loginEvent(services, request, account, presented.login, 'login', failure),
        () => Promise.reject(refusal),
      );
    }
    return proven;
  });
}

function refusalOf(role: RoleId, fromThere: boolean): LatchkeyError | undefined {
  if (!signsIn(role)) return new LatchkeyError('CREDENTIALS_INVALID');
  return fromThere ? undefined : new LatchkeyError('ORIGIN_REFUSED');
}
