/**
 * What the command line does to accounts. Whoever has the store and its data key may do anything
 * to it; what they do in these ways is recorded, under the role `!:!:root`.
 */
import { randomUUID } from 'node:crypto';
import type { AccountEvent } from '../audit/events.ts';
import type { Account } from '../ids.ts';
import type { Services } from '../services.ts';
import { accountNames, deleteAccount, makeAccount, type MadeAccount } from './administer.ts';
import { auditedAccounts } from './audited-accounts.ts';
import { operator, renewOperator } from './operator.ts';
import { storeRoot } from './store-account.ts';

export type AccountTools = Pick<Services, 'authority' | 'keyring' | 'audit' | 'clock' | 'passwords'>;

/** @returns the names, sorted, without `!` */
export async function listAccountsOffline(services: AccountTools): Promise<readonly Account[]> {
  return act(services, 'list', undefined, () => accountNames(services));
}

/**
 * @param password of the administrator, besides the API key
 * @throws LatchkeyError `PARAMETER_MISSING`, `ACCOUNT_NAME_INVALID`, `ACCOUNT_EXISTS`, `PASSWORD_WEAK`
 */
export async function createAccountOffline(
  services: AccountTools,
  name: string,
  password: string | undefined,
): Promise<MadeAccount> {
  return act(services, 'create', name, () => makeAccount(services, name, { password }));
}

/** @throws LatchkeyError `ACCOUNT_NAME_INVALID`, `ACCOUNT_UNKNOWN`, `STORE_BUSY` */
export async function deleteAccountOffline(services: AccountTools, name: string): Promise<void> {
  await act(services, 'delete', name, () => deleteAccount(services, name));
}

/**
 * Gives `!:user:admin` a new API key, making the role where it is missing.
 * @returns the API key
 * @throws LatchkeyError `STORE_BUSY`
 */
export async function renewOperatorOffline(services: AccountTools): Promise<string> {
  return act(services, 'renew-operator', operator, () => renewOperator(services));
}

async function act<Result>(
  services: AccountTools,
  operation: AccountEvent['operation'],
  name: string | undefined,
  task: () => Promise<Result>,
): Promise<Result> {
  const request = { requestId: randomUUID(), clientIp: '127.0.0.1' };
  return auditedAccounts(services, request, storeRoot, operation, () => name, task);
}
