import type { AccountState } from '../accounts/account-state.ts';
import type { ResourceId } from '../ids.ts';
import type { HostFactoryToken } from '../records/host-factory-tokens.ts';

/** What is shown of the tokens of a host factory, the first to expire first. The tokens themselves are not kept. */
export function hostFactoryTokensOf(
  state: AccountState,
  hostFactory: ResourceId,
): readonly HostFactoryToken[] {
  return [...state.graph.hostFactoryTokens.of(hostFactory)].sort(
    (one, other) => one.expiresAt - other.expiresAt || (one.hash < other.hash ? -1 : 1),
  );
}
