/** What the account commands do on the store of the service. */
import { withAccounts } from '../app.ts';
import type { Config } from '../config/options.ts';
import {
  createAccountOffline,
  deleteAccountOffline,
  listAccountsOffline,
  renewOperatorOffline,
} from '../domain/accounts/offline.ts';

export interface AccountsOnStore {
  /** Answers the administrator's API key. */
  create(name: string, password: string | undefined): Promise<string>;
  list(): Promise<readonly string[]>;
  remove(name: string): Promise<void>;
  /** Answers the operator's new API key. */
  renewOperator(): Promise<string>;
}

/** @throws LatchkeyError whatever kept the store from being opened, or the act from succeeding */
export async function withAccountsOnStore<Result>(
  config: Config,
  act: (accounts: AccountsOnStore) => Promise<Result>,
): Promise<Result> {
  return withAccounts(config, (services) =>
    act({
      create: async (name, password) => (await createAccountOffline(services, name, password)).apiKey,
      list: () => listAccountsOffline(services),
      remove: (name) => deleteAccountOffline(services, name),
      renewOperator: () => renewOperatorOffline(services),
    }),
  );
}
