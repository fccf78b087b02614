/**
 * The change log: which keys each of the latest authority commits touched. It holds at most
 * {@link maxLoggedKeys} keys; a process that is further behind reads everything anew, which
 * is cheaper by then.
 */
import type { Transaction } from 'lmdb';
import type { Account } from '../../domain/ids.ts';
import type { Change } from '../../ports/store.ts';
import { maxLoggedKeys } from '../store-limits.ts';
import { keysInLogEntry, encodeLogEntry, weightOfLogEntry, type AccountState } from './codec.ts';
import type { Table } from './environment.ts';

type LogBounds = Pick<AccountState, 'logFloor' | 'logWeight'>;

/**
 * Adds the entry of the authority commit that made `counter` and drops the oldest ones that no
 * longer fit. A commit of more keys than the log may hold empties it.
 */
export function appendToChangeLog(
  log: Table,
  account: Account,
  counter: number,
  changes: readonly Change[],
  before: LogBounds,
): LogBounds {
  const fits = changes.length <= maxLoggedKeys;
  const added = fits ? Math.max(1, changes.length) : 0;
  let { logFloor, logWeight } = before;
  while (logFloor < counter - 1 && (!fits || logWeight + added > maxLoggedKeys)) {
    logFloor += 1;
    logWeight -= dropEntry(log, account, logFloor);
  }
  if (!fits) return { logFloor: counter, logWeight: 0 };
  log.putSync(entryAddress(account, counter), encodeLogEntry(changes.map(({ key }) => key)));
  return { logFloor, logWeight: logWeight + added };
}

function dropEntry(log: Table, account: Account, counter: number): number {
  const address = entryAddress(account, counter);
  const entry = log.getBinaryFast(address);
  const weight = entry === undefined ? 0 : weightOfLogEntry(entry);
  log.removeSync(address);
  return weight;
}

/** The keys that were touched after one epoch counter, up to another; each once. */
export function* touchedKeys(
  log: Table,
  transaction: Transaction,
  account: Account,
  after: number,
  until: number,
): Generator<string> {
  const seen = new Set<string>();
  for (let counter = after + 1; counter <= until; counter += 1) {
    const entry = log.get(entryAddress(account, counter), { transaction });
    if (entry === undefined) continue;
    for (const key of keysInLogEntry(entry)) {
      if (seen.has(key)) continue;
      seen.add(key);
      yield key;
    }
  }
}

const counterDigits = 16;

function entryAddress(account: Account, counter: number): string {
  return `${account}\0${counter.toString().padStart(counterDigits, '0')}`;
}
