import type { AccountState } from '../accounts/account-state.ts';
import type { ResourceId } from '../ids.ts';
import type { ActorRequest } from '../request.ts';
import type { Services } from '../services.ts';
import type { AuthenticatorName } from './authenticators.ts';

/** What a status check takes. */
export type StatusServices = Pick<
  Services,
  'authority' | 'keyring' | 'audit' | 'clock' | 'idTokens' | 'settings'
>;

/** An authenticator whose own settings are to be checked; what all kinds share has been. */
export interface StatusRequest {
  readonly services: StatusServices;
  readonly request: ActorRequest;
  readonly state: AccountState;
  readonly name: AuthenticatorName;
  readonly webservice: ResourceId;
}

/**
 * Checks the settings of one kind of authenticator, and that it can reach what it depends on.
 * @returns what a working authenticator should still be told about
 * @throws LatchkeyError what is wrong
 */
export type StatusCheck = (status: StatusRequest) => Promise<readonly string[]>;
