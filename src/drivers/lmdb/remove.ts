/** Removes an account whole. */
import type { Account } from '../../domain/ids.ts';
import type { Epoch } from '../../ports/epoch.ts';
import type { CommitResult } from '../../ports/store.ts';
import { decodeState, encodeState, noEpoch, removedState } from './codec.ts';
import type { Environment, Table } from './environment.ts';
import { discardOf } from './ephemeral-entries.ts';
import { accountRange } from './keys.ts';
import { transact } from './transact.ts';

const sliceLength = 10_000;

/** Settles when it is synced; nothing is removed unless the account is at this epoch. */
export async function remove(
  environment: Environment,
  account: Account,
  expectEpoch: Epoch,
): Promise<CommitResult> {
  return transact(environment, () => applyRemoval(environment, account, expectEpoch));
}

function applyRemoval(environment: Environment, account: Account, expectEpoch: Epoch): CommitResult {
  const stored = environment.accounts.getBinaryFast(account);
  if (stored === undefined) return { committed: false };
  const { epoch, revision } = decodeState(stored);
  const expected = epoch.lineage === expectEpoch.lineage && epoch.counter === expectEpoch.counter;
  if (!expected || epoch.lineage === noEpoch.lineage) return { committed: false };

  clear(environment.records, account);
  clear(environment.changeLog, account);
  clearEphemeral(environment, account);
  environment.accounts.putSync(account, encodeState(removedState(revision + 1)));
  return { committed: true, epoch: noEpoch, revision: revision + 1 };
}

/** In slices, as what is walked must not change under the walk. */
function clear(table: Table, account: Account): void {
  for (;;) {
    const addresses = [...table.getKeys({ ...accountRange(account), limit: sliceLength })];
    for (const address of addresses) table.removeSync(address);
    if (addresses.length < sliceLength) return;
  }
}

/** With what the indexes say of it, which lies among that of other accounts. */
function clearEphemeral(environment: Environment, account: Account): void {
  let removed = sliceLength;
  while (removed === sliceLength) removed = discardOf(environment, account, sliceLength);
}
