/** Sign-ins that end before anybody has tried to prove who they are. */
import { audited } from '../../audited.ts';
import { isFailure } from '../../errors.ts';
import { occurrence } from '../../occurrence.ts';
import type { RequestContext } from '../../request.ts';
import type { Services } from '../../services.ts';

/** What a record states of a sign-in, as far as it was found out. */
export interface SignInFacts {
  readonly client: string;
  readonly issuer: string;
  /** A role's full id. */
  readonly role: string;
}

/**
 * Runs a step of a sign-in, and records what speaks of somebody else's hand in it: a form of another site, another
 * browser's sign-in, a state that is unknown, used or of another sign-in. All else is recorded where it is decided.
 * @param act given a function that tells what the step is about, as soon as that is known
 * @throws LatchkeyError `AUDIT_UNAVAILABLE`: the record could not be written
 * @throws LatchkeyError what `act` throws
 */
export async function recordingRefusals<T>(
  services: Pick<Services, 'audit' | 'clock' | 'publicOrigin'>,
  request: RequestContext,
  act: (about: (facts: Partial<SignInFacts>) => void) => Promise<T>,
): Promise<T> {
  let known: SignInFacts = { client: '', issuer: services.publicOrigin(), role: 'unknown' };
  return audited(
    services.audit,
    (failure) =>
      isFailure(failure, 'SIGN_IN_NOT_FOUND', 'SIGN_IN_EXPIRED', 'SIGN_IN_FOREIGN')
        ? {
            type: 'oidc-provider',
            operation: 'authorize',
            ...occurrence(services, request, failure),
            ...known,
          }
        : undefined,
    () =>
      act((facts) => {
        known = { ...known, ...facts };
      }),
  );
}
