/** What a commit does inside a write transaction. */
import { randomBytes } from 'node:crypto';
import type { Account } from '../../domain/ids.ts';
import type { Epoch } from '../../ports/epoch.ts';
import type { Commit, CommitResult } from '../../ports/store.ts';
import { appendToChangeLog } from './change-log.ts';
import {
  decodeState,
  encodeRecord,
  encodeState,
  lineageBytes,
  noEpoch,
  revisionOf,
  type AccountState,
} from './codec.ts';
import type { Environment } from './environment.ts';
import { recordAddress } from './keys.ts';
import { refuseUnfinished } from './restoring.ts';
import { transact } from './transact.ts';

const lost: CommitResult = { committed: false };

/** Settles when it is synced; see {@link transact}. */
export async function write(
  environment: Environment,
  account: Account,
  commit: Commit,
): Promise<CommitResult> {
  return transact(environment, () => applyCommit(environment, account, commit));
}

/**
 * Compares and applies. Must run in a write transaction that is undone when this throws;
 * nothing is written when an expectation does not hold.
 */
function applyCommit(environment: Environment, account: Account, commit: Commit): CommitResult {
  const stored = environment.accounts.getBinaryFast(account);
  const found = stored === undefined ? undefined : decodeState(stored);
  if (!expectationsHold(environment, account, commit, found?.epoch ?? noEpoch)) return lost;

  const exists = found !== undefined && found.epoch.lineage !== noEpoch.lineage;
  if (!exists) refuseUnfinished(environment);
  const state = exists ? found : newState(found?.revision ?? 0);
  const revision = state.revision + 1;
  writeRecords(environment, account, commit, revision);
  const next = commit.authority ? advanceEpoch(environment, account, commit, state) : state;
  environment.accounts.putSync(account, encodeState({ ...next, revision }));
  return { committed: true, epoch: next.epoch, revision };
}

/** @param revision that of the account of this name that was removed */
function newState(revision: number): AccountState {
  const lineage = randomBytes(lineageBytes).toString('hex');
  return { epoch: { lineage, counter: 0 }, revision, logFloor: 0, logWeight: 0 };
}

function expectationsHold(environment: Environment, account: Account, commit: Commit, epoch: Epoch): boolean {
  const { expectEpoch, expectLineage = epoch.lineage, expectRevisions = [] } = commit;
  if (expectLineage !== epoch.lineage) return false;
  if (expectEpoch !== undefined) {
    if (expectEpoch.lineage !== epoch.lineage || expectEpoch.counter !== epoch.counter) return false;
  }
  return expectRevisions.every(({ key, revision }) => {
    const stored = environment.records.getBinaryFast(recordAddress(account, key));
    return revision === (stored === undefined ? 0 : revisionOf(stored));
  });
}

function writeRecords(environment: Environment, account: Account, commit: Commit, revision: number): void {
  const { records } = environment;
  for (const { key, value } of commit.changes) {
    const address = recordAddress(account, key);
    if (value === undefined) records.removeSync(address);
    else records.putSync(address, encodeRecord(address, key, revision, value));
  }
}

function advanceEpoch(
  environment: Environment,
  account: Account,
  commit: Commit,
  state: AccountState,
): AccountState {
  const epoch = { lineage: state.epoch.lineage, counter: state.epoch.counter + 1 };
  return {
    ...state,
    epoch,
    ...appendToChangeLog(environment.changeLog, account, epoch.counter, commit.changes, state),
  };
}
