/** The role that looks after accounts. */
import { adminOf, type RoleId } from '../ids.ts';
import type { AccountState } from './account-state.ts';
import { credentialKey } from '../records/keys.ts';
import { decodeCredential } from '../records/credentials.ts';
import type { GraphRow } from '../records/rows.ts';
import type { Services } from '../services.ts';
import { newSigningKey } from '../tokens/signing-keys.ts';
import { firstRows, newCredential } from './create.ts';
import { rowChanges } from './row-changes.ts';
import { accountsWebservice, storeAccount, storeRoot } from './store-account.ts';
import { untilCommitted } from './until-committed.ts';

/** `!:user:admin`. */
export const operator: RoleId = adminOf(storeAccount);

/**
 * Gives `!:user:admin` a new API key, making that role, and the webservice that it owns, where
 * they are missing. It may call the accounts API, and let other roles of `!` do so by policy.
 *
 * Whoever can do this has the store and its data key: it is for the command line, not for a face.
 *
 * @returns the API key
 * @throws LatchkeyError `STORE_BUSY`
 */
export async function renewOperator(
  services: Pick<Services, 'authority' | 'keyring' | 'clock'>,
): Promise<string> {
  return untilCommitted(async () => {
    const { state, epoch, records } = await services.authority.read(storeAccount, [credentialKey(operator)]);
    const stored = records[0] === undefined ? undefined : decodeCredential(records[0].value);
    const { apiKey, change } = newCredential(services, operator, stored?.passwordHash);
    const missing = operatorRows(services.clock.now()).filter((row) => !isThere(state, row));
    const edits = missing.map((row) => ({ row, there: true }));
    const changes = [...(await rowChanges(services, state, edits, edits.length)), change];
    if (state.newestSigningKey === undefined)
      changes.push(newSigningKey(storeAccount, services.keyring, services.clock.now()));
    const commit = { changes, authority: true, expectEpoch: epoch };
    const { committed } = await services.authority.commit(storeAccount, commit);
    return committed ? apiKey : undefined;
  });
}

function operatorRows(createdAt: number): readonly GraphRow[] {
  return [
    ...firstRows(storeAccount, operator, createdAt),
    { table: 'role', role: storeRoot, createdAt },
    { table: 'membership', role: storeRoot, member: operator, ownership: false, admin: true },
    { table: 'resource', resource: accountsWebservice, owner: storeRoot, createdAt },
  ];
}

/** What a policy of `!` made of them since stays. */
function isThere({ graph }: AccountState, row: GraphRow): boolean {
  return graph.counterpart(row) !== undefined;
}
