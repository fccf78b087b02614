import type { AccountView } from '../accounts/authority.ts';
import { inAccount } from '../accounts/in-account.ts';
import type { HostFactoryToken } from '../records/host-factory-tokens.ts';
import type { Services } from '../services.ts';

export interface FoundToken {
  readonly token: HostFactoryToken;
  readonly view: AccountView;
}

/**
 * Finds a token by its hash, at the present epoch of its account. A token does not say which account
 * it is of, so each is asked.
 */
export async function findToken(
  services: Pick<Services, 'authority'>,
  hash: string,
): Promise<FoundToken | undefined> {
  for (const account of await services.authority.accounts()) {
    // It may have been removed since the list was made.
    const view = await inAccount(services.authority.read(account, []), () => undefined);
    const token = view?.state.graph.hostFactoryTokens.get(hash);
    if (view !== undefined && token !== undefined && view.state.graph.hasResource(token.hostFactory)) {
      return { token, view };
    }
  }
  return undefined;
}
