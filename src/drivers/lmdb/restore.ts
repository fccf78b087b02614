/** Fills an empty environment. */
import { randomBytes, randomUUID } from 'node:crypto';
import { LatchkeyError } from '../../domain/errors.ts';
import {
  transferredRevisionGap,
  type StoreTransfer,
  type TransferredAccount,
  type TransferredRecord,
} from '../../ports/store-transfer.ts';
import { checkChanges } from '../store-limits.ts';
import { decodeState, encodeRecord, encodeState, isRemoved, lineageBytes } from './codec.ts';
import { openEnvironment, type Environment } from './environment.ts';
import { toStoreFailure } from './failures.ts';
import { collectionRange, recordAddress } from './keys.ts';
import { clearRestoreMark, restoreMark, setRestoreMark, unfinished } from './restoring.ts';
import { inTransaction } from './transact.ts';

export interface LmdbTransferOptions {
  readonly directory: string;
  /** Whether to start over where a transfer was not finished, which one that still runs then fails by. */
  readonly restart: boolean;
}

/**
 * Opens an environment to fill it, and marks it as being filled.
 *
 * @throws LatchkeyError `STORE_NOT_EMPTY`: it holds accounts
 * @throws LatchkeyError `TRANSFER_UNFINISHED`: another transfer was not finished, and is not to be restarted
 * @throws LatchkeyError `STORE_REFUSED`, `STORE_UNAVAILABLE`
 */
export async function openLmdbTransfer(options: LmdbTransferOptions): Promise<StoreTransfer> {
  const environment = openEnvironment(options.directory);
  const id = randomUUID();
  try {
    await inTransaction(environment, () => {
      const mark = restoreMark(environment);
      if (mark === undefined) refuseAccounts(environment);
      else if (!options.restart) throw unfinished(mark);
      // An environment has the mark only if it was empty, so whatever is in it was left by a transfer.
      environment.records.clearSync();
      setRestoreMark(environment, { id, beganAt: Date.now() });
    });
    return new LmdbTransfer(environment, id);
  } catch (error) {
    await environment.root.close();
    throw await toStoreFailure(error);
  }
}

function refuseAccounts(environment: Environment): void {
  for (const { key, value } of environment.accounts.getRange()) {
    if (isRemoved(value)) continue;
    throw new LatchkeyError('STORE_NOT_EMPTY', {
      detail: `the store in ${environment.directory} holds the account ${key.toString()}; restore into an empty folder`,
    });
  }
}

interface Begun extends TransferredAccount {
  /** Of every record, and of the account. */
  readonly restoredRevision: number;
}

class LmdbTransfer implements StoreTransfer {
  readonly #environment: Environment;
  readonly #id: string;
  readonly #begun: Begun[] = [];

  constructor(environment: Environment, id: string) {
    this.#environment = environment;
    this.#id = id;
  }

  async begin(account: TransferredAccount): Promise<void> {
    const stored = this.#environment.accounts.get(account.account);
    const removedAt = stored === undefined ? 0 : decodeState(stored).revision;
    const restoredRevision = Math.max(removedAt, account.revision) + transferredRevisionGap;
    this.#begun.push({ ...account, restoredRevision });
  }

  async write(records: readonly TransferredRecord[]): Promise<void> {
    const { account, restoredRevision } = this.#current();
    checkChanges(records);
    await this.#change(({ records: table }) => {
      for (const { key, value } of records) {
        const address = recordAddress(account, key);
        table.putSync(address, encodeRecord(address, key, restoredRevision, value));
      }
    });
  }

  async counts(collections: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const { account } = this.#current();
    const { records } = this.#environment;
    records.resetReadTxn();
    return new Map(
      collections.map((name) => [name, records.getKeysCount(collectionRange(account, name))] as const),
    );
  }

  async publish(): Promise<void> {
    await this.#change((environment) => {
      refuseAccounts(environment);
      for (const { account, counter, restoredRevision } of this.#begun) {
        const lineage = randomBytes(lineageBytes).toString('hex');
        const state = { epoch: { lineage, counter }, revision: restoredRevision };
        environment.accounts.putSync(account, encodeState({ ...state, logFloor: counter, logWeight: 0 }));
      }
      clearRestoreMark(environment);
    });
  }

  async discard(): Promise<void> {
    await this.#change((environment) => {
      environment.records.clearSync();
      clearRestoreMark(environment);
    });
  }

  async close(): Promise<void> {
    await this.#environment.root.close();
  }

  #current(): Begun {
    const begun = this.#begun.at(-1);
    if (begun === undefined) throw new LatchkeyError('INTERNAL', { detail: 'no account was begun' });
    return begun;
  }

  /** In one synced transaction, in which the environment is still this transfer's. */
  async #change(act: (environment: Environment) => void): Promise<void> {
    try {
      await inTransaction(this.#environment, () => {
        if (restoreMark(this.#environment)?.id !== this.#id) {
          throw new LatchkeyError('TRANSFER_UNFINISHED', { detail: 'another restore took over this store' });
        }
        act(this.#environment);
      });
    } catch (error) {
      throw await toStoreFailure(error);
    }
  }
}
