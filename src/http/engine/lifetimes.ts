/** How long tokens live. */
import type { AccountView } from '../../domain/accounts/authority.ts';
import type { ClientRecord } from '../../domain/provider/registry/records.ts';
import type { IssuerSpec, Lifetimes } from './types.ts';

/** By the client's record, unless the dialect says otherwise. */
export function lifetimesOf(spec: IssuerSpec, view: AccountView, client: ClientRecord): Lifetimes {
  return {
    idTokenSeconds: client.idTokenTtlSeconds,
    accessTokenSeconds: client.accessTokenTtlSeconds,
    refreshTokenSeconds: client.refreshTokenTtlSeconds,
    ...spec.lifetimes?.(view, client),
  };
}
