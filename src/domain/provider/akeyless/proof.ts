/** What is presented to authenticate with, and how a refusal of it is recorded. */
import type { AuthenticationEvent } from '../../audit/events.ts';
import { audited } from '../../audited.ts';
import { LatchkeyError } from '../../errors.ts';
import type { Account, RoleId } from '../../ids.ts';
import { occurrence } from '../../occurrence.ts';
import type { RequestContext } from '../../request.ts';
import type { Services } from '../../services.ts';

/** What was presented, by the names of Akeyless' parameters; empty texts count as absent. */
export interface PresentedProof {
  /** `access_key` by default. */
  readonly accessType: string;
  readonly accessId?: string;
  readonly accessKey?: string;
  /** The login, where the method does not say it: of passwords, and of methods that a host names itself to. */
  readonly login?: string;
  readonly password?: string;
  /** A JWT, or an ID token. */
  readonly jwt?: string;
  /** Base64 of what a cloud identifies a machine by. */
  readonly cloudId?: string;
}

/** Who it is, and at which authenticator that was proven. */
export interface ProvenCaller {
  readonly role: RoleId;
  /** As lists name it: `authn`, `authn-oidc/okta`. */
  readonly authenticator: string;
  /** The revision of the credential that was proven, where it was one of the service's own. */
  readonly credentialRevision?: number;
}

type Needed =
  | 'ephemeral'
  | 'authority'
  | 'keyring'
  | 'audit'
  | 'clock'
  | 'tokens'
  | 'settings'
  | 'passwords'
  | 'attempts'
  | 'idTokens';
export type MethodServices = Pick<Services, Needed | 'directories' | 'awsCallers'>;

/** A refusal before any authenticator was asked has a record of its own. */
export function refusedUnknown<T>(
  services: MethodServices,
  request: RequestContext,
  account: Account,
  kind: string,
  act: () => Promise<T>,
): Promise<T> {
  const event = (failure: unknown): AuthenticationEvent | undefined =>
    failure === undefined
      ? undefined
      : {
          type: 'authn',
          operation: 'authenticate',
          ...occurrence(services, request, failure),
          role: `${account}:user:USERNAME_MISSING`,
          roleExists: false,
          authenticator: kind,
          service: `${account}:webservice:conjur/${kind}`,
        };
  return services.attempts.byToken({ request, account, name: `akeyless ${kind}` }, () =>
    audited(services.audit, event, act),
  );
}

/** @throws LatchkeyError `REGISTRY_FIELD_INVALID`: it is absent or empty */
export function needed(value: string | undefined, field: string): string {
  if (value !== undefined && value !== '') return value;
  throw new LatchkeyError('REGISTRY_FIELD_INVALID', { detail: `${field} is needed` });
}
