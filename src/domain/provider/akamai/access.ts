/**
 * Every call of the configuration API, in this order: is that the customer, is there a token, whom does it speak
 * for, may it do this; then what is asked for, decided and committed on the same epoch.
 */
import type { AccountView } from '../../accounts/authority.ts';
import type { RegistryEvent } from '../../audit/provider-events.ts';
import { audited } from '../../audited.ts';
import { LatchkeyError } from '../../errors.ts';
import { occurrence } from '../../occurrence.ts';
import type { RequestContext } from '../../request.ts';
import type { Services } from '../../services.ts';
import { identifiersIn } from '../identifiers.ts';
import { changeRegistry, type Decision } from '../registry/change.ts';
import type { LoginPolicyRecord } from '../registry/records.ts';
import { putRecord, removeRecord, type Registry } from '../registry/registry.ts';
import { permits, type ConfigMethod, type ConfigPath } from './api-scopes.ts';
import type { Body } from './fields.ts';
import { guardChange } from './guard.ts';
import type { Mutation } from './holders.ts';
import { callerOf, findToken, type Caller, type FoundToken } from './tokens.ts';

/** A call as a face unpacks it. */
export interface ConfigurationRequest extends RequestContext {
  /** The first segment of the path. */
  readonly customerId: string;
  /** The token of `Authorization: Bearer`; undefined without. */
  readonly bearer: string | undefined;
  /** Whether the caller wants a change although it takes access away. */
  readonly forced: boolean;
}

export type ConfigurationServices = Pick<
  Services,
  'authority' | 'ephemeral' | 'keyring' | 'audit' | 'clock' | 'settings'
>;

/** What a call does, for its record and its permission. */
export interface Act {
  readonly operation: RegistryEvent['operation'];
  readonly kind: 'clients' | 'policies' | 'config';
  /** The id as it was given; empty of a list. */
  readonly name: string;
  readonly method: ConfigMethod;
  /** Undefined: it is refused in any case, for which only a caller with a token is told the reason. */
  readonly path: ConfigPath | undefined;
  /** Why, where it is refused in any case; by default nothing is there. */
  readonly refusal?: 'CONFIGURATION_METHOD_UNSUPPORTED' | 'ROUTE_NOT_FOUND';
}

/** The JSON object that a call brings; read when the caller is known, and once. */
export type ReadBody = () => Promise<Body>;

/** What is decided on. */
export interface Access {
  readonly registry: Registry;
  readonly caller: Caller;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Tells the record of the call what it made. */
  about(name: string): void;
  /** Guards a change and answers it. */
  change<T>(mutation: AnyMutation, result: T): Decision<T>;
}

type AnyMutation =
  | Mutation
  | {
      readonly kind: 'oidc-login-policy';
      readonly id: string;
      readonly record: LoginPolicyRecord | undefined;
    };

/**
 * Runs a call of the configuration API and audits it, whatever comes of it.
 * @param decide may run several times
 * @throws LatchkeyError `CUSTOMER_NOT_FOUND`
 * @throws LatchkeyError `CONFIGURATION_TOKEN_MISSING`, `CONFIGURATION_TOKEN_INVALID`
 * @throws LatchkeyError `CONFIGURATION_SCOPE_INSUFFICIENT`
 * @throws LatchkeyError `CONFIGURATION_SCOPE_EXCEEDED`, `CONFIGURATION_LOCKED_OUT`, `CONFIGURATION_SELF_DEMOTION`
 * @throws LatchkeyError `STORE_BUSY`, and what `decide` throws
 */
export async function configure<T>(
  services: ConfigurationServices,
  request: ConfigurationRequest,
  act: Act,
  decide: (access: Access) => Decision<T> | Promise<Decision<T>>,
): Promise<T> {
  const { account } = services.settings;
  const { operation, kind, name } = act;
  let role = 'unknown';
  let subject = name;
  const describe = (failure: unknown): RegistryEvent => ({
    ...occurrence(services, request, failure),
    type: 'oidc-registry',
    operation,
    kind,
    name: subject,
    role,
  });
  return audited(services.audit, describe, async () => {
    const { bearer } = request;
    const token = bearer === undefined ? undefined : await findToken(services, account, bearer);
    const read = (): Promise<AccountView> => services.authority.read(account, []);
    return changeRegistry(services, account, read, (view) => {
      const now = services.clock.now();
      const caller = authenticated(view, request, token, now);
      role = `${account}:client:${caller.client.clientId}`;
      requireScope(caller, act);
      const about = (made: string): void => {
        subject = made;
      };
      return decide(accessOf(view, caller, request, now, about));
    });
  });
}

function authenticated(
  view: AccountView,
  { customerId }: ConfigurationRequest,
  token: FoundToken | undefined,
  now: number,
): Caller {
  requireCustomer(view, customerId);
  if (token === undefined) throw new LatchkeyError('CONFIGURATION_TOKEN_MISSING');
  return callerOf(view, token, now);
}

/** @throws LatchkeyError `CUSTOMER_NOT_FOUND` */
export function requireCustomer(view: Pick<AccountView, 'state'>, customerId: string): void {
  const known = identifiersIn(view)?.customerId;
  if (known !== customerId.toLowerCase()) throw new LatchkeyError('CUSTOMER_NOT_FOUND');
}

function requireScope({ scopes }: Caller, { method, path, refusal = 'ROUTE_NOT_FOUND' }: Act): void {
  if (path === undefined) throw new LatchkeyError(refusal);
  if (!permits(scopes, method, path)) throw new LatchkeyError('CONFIGURATION_SCOPE_INSUFFICIENT');
}

function accessOf(
  view: AccountView,
  caller: Caller,
  { forced }: ConfigurationRequest,
  now: number,
  about: Access['about'],
): Access {
  const { registry } = view.state;
  return {
    registry,
    caller,
    now,
    about,
    change: (mutation, result) => {
      const changer = { clientId: caller.client.clientId, scopes: caller.scopes, forced };
      if (mutation.kind !== 'oidc-login-policy') guardChange(registry, changer, mutation);
      return { changes: [changeOf(mutation)], result };
    },
  };
}

function changeOf(mutation: AnyMutation) {
  if (mutation.record === undefined) return removeRecord(mutation.kind, mutation.id);
  // One call for each kind, so that the record is known to be of it.
  switch (mutation.kind) {
    case 'oidc-client':
      return putRecord(mutation.kind, mutation.record);
    case 'oidc-token-policy':
      return putRecord(mutation.kind, mutation.record);
    case 'oidc-login-policy':
      return putRecord(mutation.kind, mutation.record);
  }
}
