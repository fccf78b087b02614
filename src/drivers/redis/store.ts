/** The networked store: a Redis or Valkey server, a pair watched by Sentinel, or a cluster. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { LatchkeyError } from '../../domain/errors.ts';
import { storedAccount, storedRecordKey, type Account, type RecordKey } from '../../domain/ids.ts';
import type { EphemeralStore } from '../../ports/ephemeral-store.ts';
import type { Epoch } from '../../ports/epoch.ts';
import type { Catchup, Change, Commit, CommitResult, Snapshot, Store } from '../../ports/store.ts';
import type { StoreSnapshot } from '../../ports/store-transfer.ts';
import type { ConnectionLimits } from './client.ts';
import { asBuffer, asList, decodeEpoch, decodeRecord, isRemoved, noEpoch } from './codec.ts';
import { Connection } from './connection.ts';
import { requireDurable } from './durability.ts';
import { DurabilityWatch, type DurabilityWatchOptions } from './durability-watch.ts';
import { RedisEphemeralStore } from './ephemeral.ts';
import { ClusterPrimacy } from './cluster-primacy.ts';
import { causeOf, unavailable } from './failures.ts';
import { accountsKey, AccountKeys } from './keys.ts';
import { Reader } from './reader.ts';
import { refuseUnfinished } from './restoring.ts';
import { Primacy } from './primacy.ts';
import { scanCollection, type Batch } from './scan.ts';
import { catchUpScript, nothingScript } from './scripts.ts';
import { Sender, type Replication } from './sender.ts';
import { Sentinels } from './sentinels.ts';
import { takeRedisSnapshot } from './snapshot.ts';
import { describeTarget, parseRedisUrl, type RedisTarget } from './url.ts';
import { Writer } from './writer.ts';

export interface RedisStoreOptions {
  /** See {@link parseRedisUrl}. */
  readonly url: string;
  /** How many replicas must have a commit before it is acknowledged; none by default. */
  readonly waitReplicas?: number;
  /** How long a commit waits for its replicas; 1 s by default. */
  readonly waitTimeoutMs?: number;
  /** Whether a server is accepted that may lose or evict what it acknowledged. */
  readonly allowVolatile?: boolean;
  /** How long a command may take, and how long a lost connection is waited for; 5 s each by default. */
  readonly commandTimeoutMs?: number;
  /** Told when the store could lose later what it acknowledges; nobody by default. */
  readonly log?: DurabilityWatchOptions['log'];
  /** How often it is asked about that; 10 s by default. */
  readonly durabilityIntervalMs?: number;
}

const defaultWaitTimeoutMs = 1_000;
const defaultCommandTimeoutMs = 5 * 1_000;
const defaultDurabilityIntervalMs = 10 * 1_000;
/** Applying a very large commit keeps the server busy for seconds. */
const bulkTimeoutMs = 60 * 1_000;
const maxRememberedAccounts = 1_000;

/**
 * Opens the networked store.
 *
 * A commit is durable as the server's `appendfsync` says, plus the replicas waited for. When
 * these are too few in time, the commit fails with `STORE_UNAVAILABLE` and may be applied all
 * the same. Each call fails within the command time-out while the server is away, and works
 * again by itself when it is back. When the server was restarted or replaced, an account's
 * next commit gives it a new lineage, as nobody can know what was lost.
 *
 * @throws LatchkeyError `STORE_REFUSED`: the address is not one, the credentials are wrong, or
 *   the server may lose or evict what it acknowledged
 * @throws LatchkeyError `STORE_UNAVAILABLE`: the server cannot be reached
 * @throws LatchkeyError `TRANSFER_UNFINISHED`: the store is being filled from a backup, or was so in part
 */
export async function openRedisStore(options: RedisStoreOptions): Promise<Store> {
  const store = new RedisStore(parseRedisUrl(options.url), options);
  try {
    await store.verify(options);
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}

class RedisStore implements Store {
  readonly ephemeral: EphemeralStore;
  readonly #target: RedisTarget;
  readonly #reads: Connection;
  readonly #writes: Connection;
  #sentinels: Sentinels | undefined;
  #durability: DurabilityWatch | undefined;
  readonly #connectBulk: () => Connection;
  #bulk: Connection | undefined;
  readonly #reader: Reader;
  readonly #writer: Writer;
  readonly #accountKeys = new Map<Account, AccountKeys>();
  readonly #commits = new Set<Promise<unknown>>();
  #closed = false;

  constructor(target: RedisTarget, options: RedisStoreOptions) {
    const timeoutMs = options.commandTimeoutMs ?? defaultCommandTimeoutMs;
    const replication: Replication = {
      replicas: options.waitReplicas ?? 0,
      timeoutMs: options.waitTimeoutMs ?? defaultWaitTimeoutMs,
    };
    const keysOf = (account: Account): AccountKeys => this.#keysOf(account);
    const patienceMs = replication.replicas === 0 ? 0 : replication.timeoutMs;
    this.#target = target;
    const primacy = this.#watch({ connectMs: timeoutMs, replyMs: timeoutMs }, replication);
    const connect = (replyMs: number): Connection =>
      new Connection(target, { connectMs: timeoutMs, replyMs }, primacy);
    this.#connectBulk = () => connect(bulkTimeoutMs);
    this.#reads = connect(timeoutMs);
    this.#writes = connect(timeoutMs + patienceMs);
    this.#reader = new Reader(this.#reads, keysOf);
    const sender = new Sender(this.#writes, replication);
    this.#writer = new Writer(this.#writes, sender, () => this.#bulkConnection(), keysOf, replication);
    this.ephemeral = new RedisEphemeralStore({
      reads: this.#reads,
      sender,
      keysOf,
      tracked: (write) => this.#whileOpen(write),
    });
  }

  /** Listens to the sentinels, where there are some. */
  #watch(limits: ConnectionLimits, { replicas }: Replication): Primacy | ClusterPrimacy | undefined {
    if (this.#target.kind === 'cluster') return new ClusterPrimacy(Math.max(1, replicas));
    if (this.#target.kind !== 'sentinel') return undefined;
    this.#sentinels = new Sentinels(this.#target, limits, (primary) => {
      for (const connection of [this.#reads, this.#writes, this.#bulk]) connection?.leaveUnless(primary);
    });
    return new Primacy(this.#sentinels, Math.max(1, replicas));
  }

  async verify({ allowVolatile = false, log, durabilityIntervalMs }: RedisStoreOptions): Promise<void> {
    try {
      await this.health();
    } catch (error) {
      const refusal = this.#reads.refusal ?? this.#writes.refusal;
      if (refusal === undefined) throw error;
      throw new LatchkeyError('STORE_REFUSED', {
        detail: `${describeTarget(this.#target)} does not let this client in: ${refusal.message}`,
        cause: causeOf(refusal),
      });
    }
    if (!allowVolatile) await this.#reads.perform(requireDurable);
    await refuseUnfinished(this.#reads);
    const intervalMs = durabilityIntervalMs ?? defaultDurabilityIntervalMs;
    if (!allowVolatile && log !== undefined)
      this.#durability = new DurabilityWatch(this.#reads, { log, intervalMs });
  }

  read(account: Account, keys: readonly RecordKey[]): Promise<Snapshot> {
    return this.#reader.read(account, keys);
  }

  commit(account: Account, commit: Commit): Promise<CommitResult> {
    return this.#whileOpen(() => this.#writer.commit(account, commit));
  }

  remove(account: Account, expectEpoch: Epoch): Promise<boolean> {
    return this.#whileOpen(() => this.#writer.remove(account, expectEpoch));
  }

  /** Writes, so that {@link close} can wait for it. */
  async #whileOpen<Result>(write: () => Promise<Result>): Promise<Result> {
    if (this.#closed) throw unavailable('the store has been closed');
    const work = write();
    this.#commits.add(work);
    try {
      return await work;
    } finally {
      this.#commits.delete(work);
    }
  }

  scan(account: Account, collection: string): AsyncGenerator<Batch> {
    return scanCollection(this.#reads, this.#keysOf(account), collection);
  }

  async changesSince(account: Account, epoch: Epoch): Promise<Catchup> {
    const { meta, changeLog, recordsPrefix } = this.#keysOf(account);
    const args = [recordsPrefix, epoch.lineage, epoch.counter];
    const reply = asList(await this.#reads.run(catchUpScript, [meta, changeLog], args));
    return catchupOf(reply, epoch);
  }

  async snapshot(collections: readonly string[]): Promise<StoreSnapshot> {
    if (this.#closed) throw unavailable('the store has been closed');
    return takeRedisSnapshot(this.#connectBulk(), collections);
  }

  async accounts(): Promise<readonly Account[]> {
    return this.#reads.perform(async (client) => {
      const names = (await client.smembers(accountsKey)).map(storedAccount).sort();
      const states = await Promise.all(names.map((name) => client.getBuffer(this.#keysOf(name).meta)));
      return names.filter((_, index) => {
        const state = states[index];
        return state !== null && state !== undefined && !isRemoved(state);
      });
    });
  }

  async health(): Promise<void> {
    await Promise.all([this.#reads, this.#writes].map((connection) => connection.run(nothingScript, [], [])));
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#durability?.close();
    await Promise.allSettled(this.#commits);
    // What was asked for in this turn goes out at its end.
    await nextTurn();
    await Promise.all([this.#reads.close(), this.#writes.close(), this.#bulk?.close()]);
    this.#sentinels?.close();
  }

  #keysOf(account: Account): AccountKeys {
    let keys = this.#accountKeys.get(account);
    if (keys === undefined) {
      // Names come from requests, too, and need not be those of accounts.
      if (this.#accountKeys.size === maxRememberedAccounts) this.#accountKeys.clear();
      this.#accountKeys.set(account, (keys = new AccountKeys(account)));
    }
    return keys;
  }

  #bulkConnection(): Connection {
    this.#bulk ??= this.#connectBulk();
    return this.#bulk;
  }
}

function catchupOf(reply: readonly unknown[], since: Epoch): Catchup {
  const [state, ...changed] = reply;
  const epoch = state === undefined ? noEpoch : decodeEpoch(asBuffer(state));
  if (epoch.lineage === noEpoch.lineage) {
    const neverMade = since.lineage === noEpoch.lineage && since.counter === noEpoch.counter;
    return neverMade ? { kind: 'changes', epoch, changes: [] } : { kind: 'reload', epoch };
  }
  if (changed.length === 0) return { kind: 'reload', epoch };
  const changes: Change[] = [];
  for (let index = 1; index + 1 < changed.length; index += 2) {
    const stored = changed[index + 1];
    const value = stored === null ? undefined : decodeRecord(asBuffer(stored)).value;
    changes.push({ key: storedRecordKey(asBuffer(changed[index]).toString()), value });
  }
  return { kind: 'changes', epoch, changes };
}
