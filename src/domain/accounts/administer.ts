/** Listing, making and removing accounts: by a role of the pseudo-account `!`. */
import { actorView } from '../actor-view.ts';
import { LatchkeyError } from '../errors.ts';
import { toAccount, type Account } from '../ids.ts';
import { decide } from '../rbac/check.ts';
import type { ActorRequest } from '../request.ts';
import type { Services } from '../services.ts';
import { auditedAccounts } from './audited-accounts.ts';
import { createAccount, type NewAccount } from './create.ts';
import { inAccount } from './in-account.ts';
import { accountsWebservice, storeAccount } from './store-account.ts';

type AccountServices = Pick<Services, 'authority' | 'keyring' | 'clock' | 'passwords' | 'audit'>;

/**
 * The accounts, sorted, without `!`.
 * @throws LatchkeyError `PRIVILEGE_MISSING`: the role lacks `read` on `!:webservice:accounts`
 * @see Conjur: GET /accounts
 */
export async function listAccounts(
  services: AccountServices,
  request: ActorRequest,
): Promise<readonly Account[]> {
  return auditedAccounts(
    services,
    request,
    request.actor.role,
    'list',
    () => undefined,
    async () => {
      await authorize(services, request, 'read');
      return accountNames(services);
    },
  );
}

/** The accounts, sorted, without `!`. Unaudited, unchecked. */
export async function accountNames(services: Pick<Services, 'authority'>): Promise<readonly Account[]> {
  return (await services.authority.accounts()).filter((account) => account !== storeAccount);
}

/**
 * Makes an account, whose administrator's resource belongs to the caller.
 * @param readName tells the name that was given, if one was; asked only once the caller may go on
 * @throws LatchkeyError `PRIVILEGE_MISSING`: the role lacks `execute` on `!:webservice:accounts`
 * @throws LatchkeyError `PARAMETER_MISSING`, `ACCOUNT_NAME_INVALID`, `ACCOUNT_EXISTS`
 * @see Conjur: POST /accounts
 */
export async function addAccount(
  services: AccountServices,
  request: ActorRequest,
  readName: () => Promise<string | undefined>,
): Promise<MadeAccount> {
  let name: string | undefined;
  return auditedAccounts(
    services,
    request,
    request.actor.role,
    'create',
    () => name,
    async () => {
      await authorize(services, request, 'execute');
      name = await readName();
      // Whoever sends it slowly may have lost the privilege by now.
      await authorize(services, request, 'execute');
      return makeAccount(services, name, { owner: request.actor.role });
    },
  );
}

export interface MadeAccount {
  readonly account: Account;
  /** That of the administrator; it can be had only now. */
  readonly apiKey: string;
}

/**
 * Makes an account of a name as it was given. Unaudited, unchecked: part of a larger act.
 * @throws LatchkeyError `PARAMETER_MISSING`, `ACCOUNT_NAME_INVALID`, `ACCOUNT_EXISTS`, `PASSWORD_WEAK`
 */
export async function makeAccount(
  services: Pick<Services, 'authority' | 'keyring' | 'clock' | 'passwords'>,
  name: string | undefined,
  settings: NewAccount,
): Promise<MadeAccount> {
  if (name === undefined || name === '') throw new LatchkeyError('PARAMETER_MISSING', { detail: 'id' });
  const account = accountNamed(name);
  let apiKey = '';
  const keep = async (key: string): Promise<void> => {
    apiKey = key;
  };
  if (await createAccount(services, account, keep, settings)) return { account, apiKey };
  throw new LatchkeyError('ACCOUNT_EXISTS', {
    subject: account,
    detail: `account "${account}" already exists`,
  });
}

/**
 * Removes an account with everything in it. Access tokens and credentials of it stop working.
 * @throws LatchkeyError `PRIVILEGE_MISSING`: the role lacks `update` on `!:webservice:accounts`
 * @throws LatchkeyError `ACCOUNT_NAME_INVALID`: `!`, or a name with a slash
 * @throws LatchkeyError `ACCOUNT_UNKNOWN`, `STORE_BUSY`
 * @see Conjur: DELETE /accounts/{id}
 */
export async function removeAccount(
  services: AccountServices,
  request: ActorRequest,
  name: string,
): Promise<void> {
  await auditedAccounts(
    services,
    request,
    request.actor.role,
    'delete',
    () => name,
    async () => {
      await authorize(services, request, 'update');
      await deleteAccount(services, name);
    },
  );
}

/** Removes an account. Unaudited, unchecked: part of a larger act. */
export async function deleteAccount(services: Pick<Services, 'authority'>, name: string): Promise<void> {
  if (name.includes('/') || name === storeAccount) throw invalidName(`Invalid account: ${name}`);
  const unknown = new LatchkeyError('ACCOUNT_UNKNOWN', { detail: `Account '${name}' not found` });
  let account: Account;
  try {
    account = toAccount(name);
  } catch {
    throw unknown;
  }
  if (!(await services.authority.remove(account))) throw unknown;
}

/**
 * The name of an account that is to be made, by the rules of Conjur and those of {@link toAccount}.
 * @throws LatchkeyError `ACCOUNT_NAME_INVALID`
 */
function accountNamed(name: string): Account {
  // Part of a path: these two would be taken out of it on the way.
  if (name.includes('/') || name === '.' || name === '..') throw invalidName(`Invalid account: ${name}`);
  const character = /[ :]/.exec(name)?.[0];
  if (character !== undefined) {
    throw invalidName(`account name "${name}" contains invalid characters (${character})`);
  }
  return toAccount(name);
}

function invalidName(detail: string): LatchkeyError {
  return new LatchkeyError('ACCOUNT_NAME_INVALID', { detail });
}

/** Roles of other accounts hold nothing here, so that theirs is the same refusal. */
async function authorize(
  services: AccountServices,
  { actor }: ActorRequest,
  privilege: 'read' | 'execute' | 'update',
): Promise<void> {
  const view = await inAccount(actorView(services, actor, storeAccount, []), () => {
    throw new LatchkeyError('PRIVILEGE_MISSING');
  });
  const decision = decide(view.state.graph, actor.role, privilege, accountsWebservice);
  if (!decision.allowed) throw new LatchkeyError('PRIVILEGE_MISSING', { subject: accountsWebservice });
}
