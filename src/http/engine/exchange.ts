/** One request at an issuer: what it found, and what the audit is to know of it. */
import Provider from 'oidc-provider';
import type { AccountView } from '../../domain/accounts/authority.ts';
import type { ProviderEvent } from '../../domain/audit/provider-events.ts';
import type { Artifacts } from '../../domain/provider/engine/artifacts.ts';
import type { ClientRecord } from '../../domain/provider/registry/records.ts';
import type { Account } from '../../domain/ids.ts';
import type { RequestContext } from '../../domain/request.ts';
import type { RoleRow } from '../../domain/records/rows.ts';
import type { Services } from '../../domain/services.ts';
import type { Log } from '../../log.ts';
import type { Pages } from './engine-types.ts';
import type { Attributes, Authorization, IssuerSpec } from './types.ts';

export type EngineServices = Pick<
  Services,
  'authority' | 'ephemeral' | 'keyring' | 'audit' | 'clock' | 'settings' | 'tokens' | 'logouts' | 'attempts'
>;

/** What the parts of an issuer's engine share. */
export interface Issuer {
  readonly services: EngineServices;
  readonly account: Account;
  readonly spec: IssuerSpec;
  readonly artifacts: Artifacts;
  readonly log: Log;
  /** Known once the sign-in face has set them. */
  readonly pages: () => Pages;
}

/** A request while it is served. What is learnt of it is set as it becomes known. */
export interface Exchange {
  readonly request: RequestContext;
  readonly view: AccountView;
  operation: ProviderEvent['operation'];
  clientId: string;
  role?: RoleRow;
  scopes?: readonly string[];
  grantType?: string;
  /** Why it was refused. */
  failure?: unknown;
  /** Of whoever is signed in, as the sign-in gave them. */
  attributes?: Attributes;
  /** Of the credential of whoever is signed in, as of the sign-in. */
  credentialRevision?: number;
  /** What was asked about at the introspection endpoint. */
  introspected?: Authorization;
  /** Whether there is nothing to record: nobody was authorized yet, nor refused. */
  undecided?: boolean;
  /** That it begins something was counted. */
  counted?: Promise<void>;
  /** Whether it ends what was refused, and recorded with its reason, on a sign-in page. */
  recorded?: boolean;
}

const exchanges = new WeakMap<object, Exchange>();

export function beginExchange(ctx: object, exchange: Exchange): void {
  exchanges.set(ctx, exchange);
}

/** The exchange of a context that the library hands to a hook. */
export function exchangeOf(ctx: object | undefined): Exchange | undefined {
  return ctx === undefined ? undefined : exchanges.get(ctx);
}

/** The exchange that is being served here; undefined outside of one. */
export function currentExchange(): Exchange | undefined {
  return exchangeOf(Provider.ctx);
}

/** The client as of a view, unless it is disabled. */
export function clientIn(
  { spec }: Pick<Issuer, 'spec'>,
  view: AccountView,
  clientId: string,
): ClientRecord | undefined {
  const client = spec.client(view, clientId);
  return client === undefined || client.disabled ? undefined : client;
}
