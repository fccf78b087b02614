/** What happened in an account after an epoch, from one read transaction. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Transaction } from 'lmdb';
import { storedRecordKey, type Account } from '../../domain/ids.ts';
import type { Epoch } from '../../ports/epoch.ts';
import type { Catchup, Change } from '../../ports/store.ts';
import { touchedKeys } from './change-log.ts';
import { decodeRecord, decodeState, noEpoch } from './codec.ts';
import type { Environment } from './environment.ts';
import { recordAddress } from './keys.ts';

/** So many records are read in one turn of the event loop: a few milliseconds. */
const sliceLength = 1_000;

export async function catchUp(environment: Environment, account: Account, since: Epoch): Promise<Catchup> {
  environment.accounts.resetReadTxn();
  const transaction = environment.accounts.useReadTransaction();
  try {
    return await catchUpWithin(transaction, environment, account, since);
  } finally {
    transaction.done();
  }
}

async function catchUpWithin(
  transaction: Transaction,
  environment: Environment,
  account: Account,
  since: Epoch,
): Promise<Catchup> {
  const stored = environment.accounts.get(account, { transaction });
  if (stored === undefined) return nothingSince(since);
  const { epoch, logFloor } = decodeState(stored);
  const reachable =
    since.lineage === epoch.lineage && since.counter >= logFloor && since.counter <= epoch.counter;
  if (!reachable) return { kind: 'reload', epoch };

  const changes: Change[] = [];
  for (const key of touchedKeys(environment.changeLog, transaction, account, since.counter, epoch.counter)) {
    changes.push(presentState(environment, transaction, account, key));
    if (changes.length % sliceLength === 0) await nextTurn();
  }
  return { kind: 'changes', epoch, changes };
}

function nothingSince(since: Epoch): Catchup {
  const neverMade = since.lineage === noEpoch.lineage && since.counter === noEpoch.counter;
  return neverMade ? { kind: 'changes', epoch: noEpoch, changes: [] } : { kind: 'reload', epoch: noEpoch };
}

function presentState(
  environment: Environment,
  transaction: Transaction,
  account: Account,
  key: string,
): Change {
  const address = recordAddress(account, key);
  const stored = environment.records.get(address, { transaction });
  return {
    key: storedRecordKey(key),
    value: stored === undefined ? undefined : decodeRecord(address, stored).value,
  };
}
