/**
 * Joins the reads that one account sees in one turn of the event loop into one command. Its
 * answer is one consistent state, taken after the last of them was asked for.
 */
import type { Account, RecordKey } from '../../domain/ids.ts';
import type { Epoch } from '../../ports/epoch.ts';
import type { Snapshot, StoredRecord } from '../../ports/store.ts';
import { asBuffer, asList, decodeRecord, EpochCache, noEpoch } from './codec.ts';
import type { Argument, Connection } from './connection.ts';
import { fieldToRead, indexAmong, splitKey, type AccountKeys } from './keys.ts';
import { readScript } from './scripts.ts';

/** A command of so many fields goes out at once; it keeps the server busy for a millisecond. */
const maxFields = 2_000;

interface Read {
  readonly keys: readonly RecordKey[];
  readonly resolve: (snapshot: Snapshot) => void;
  readonly reject: (error: unknown) => void;
}

export class Reader {
  readonly #connection: Connection;
  readonly #keysOf: (account: Account) => AccountKeys;
  readonly #epochs = new Map<Account, EpochCache>();
  #waiting = new Map<Account, { readonly reads: Read[]; fields: number }>();

  constructor(connection: Connection, keysOf: (account: Account) => AccountKeys) {
    this.#connection = connection;
    this.#keysOf = keysOf;
  }

  /** @throws LatchkeyError `STORE_UNAVAILABLE` */
  read(account: Account, keys: readonly RecordKey[]): Promise<Snapshot> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.size === 0)
        setImmediate(() => {
          this.#sendAll();
        });
      let batch = this.#waiting.get(account);
      if (batch === undefined) this.#waiting.set(account, (batch = { reads: [], fields: 0 }));
      batch.reads.push({ keys, resolve, reject });
      batch.fields += keys.length;
      if (batch.fields < maxFields) return;
      this.#waiting.delete(account);
      void this.#send(account, batch.reads);
    });
  }

  #sendAll(): void {
    const batches = this.#waiting;
    this.#waiting = new Map();
    for (const [account, { reads }] of batches) void this.#send(account, reads);
  }

  async #send(account: Account, reads: readonly Read[]): Promise<void> {
    try {
      const { keys, args } = commandFor(this.#keysOf(account), reads);
      const reply = asList(await this.#connection.run(readScript, keys, args));
      const epoch = this.#epochIn(account, reply[0]);
      let at = 1;
      for (const read of reads) {
        read.resolve({ epoch, records: recordsIn(reply, at, read.keys.length) });
        at += read.keys.length;
      }
    } catch (error) {
      for (const read of reads) read.reject(error);
    }
  }

  #epochIn(account: Account, state: unknown): Epoch {
    if (state === null) return noEpoch;
    let cache = this.#epochs.get(account);
    if (cache === undefined) this.#epochs.set(account, (cache = new EpochCache()));
    return cache.of(asBuffer(state));
  }
}

/** The fields in the order of the reads, cut into runs of one collection. */
function commandFor(
  accountKeys: AccountKeys,
  reads: readonly Read[],
): { readonly keys: readonly string[]; readonly args: readonly Argument[] } {
  const keys = [accountKeys.meta];
  const args: Argument[] = [];
  let current: string | undefined;
  let runAt = 0;
  for (const read of reads) {
    for (const key of read.keys) {
      const [collection, field] = splitKey(key);
      if (collection !== current) {
        if (current !== undefined) args[runAt] = args.length - runAt - 1;
        args.push(indexAmong(keys, accountKeys.collection(collection)), 0);
        runAt = args.length - 1;
        current = collection;
      }
      args.push(fieldToRead(field));
    }
  }
  if (current !== undefined) args[runAt] = args.length - runAt - 1;
  return { keys, args };
}

function recordsIn(
  reply: readonly unknown[],
  at: number,
  count: number,
): readonly (StoredRecord | undefined)[] {
  const records: (StoredRecord | undefined)[] = [];
  for (let index = at; index < at + count; index += 1) {
    const stored = reply[index];
    records.push(stored === null ? undefined : decodeRecord(asBuffer(stored)));
  }
  return records;
}
