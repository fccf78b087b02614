/** Commits and removals, each by one script. */
import type { Account } from '../../domain/ids.ts';
import type { Epoch } from '../../ports/epoch.ts';
import type { Commit, CommitResult } from '../../ports/store.ts';
import { asBuffer, decodeEpoch, decodeRevision, isState } from './codec.ts';
import { commitCommand, removeCommand, type ScriptCommand, type Staged } from './commit-command.ts';
import type { Connection } from './connection.ts';
import { unavailable } from './failures.ts';
import type { AccountKeys } from './keys.ts';
import { listAccount } from './restoring.ts';
import { Sender, type Replication } from './sender.ts';
import { checkChanges } from '../store-limits.ts';
import { fitsInline, stage, unstage } from './staging.ts';

const bulkReplicationMs = 10 * 1_000;
const conflict = Buffer.from('conflict');
const unlisted = Buffer.from('unlisted');

export class Writer {
  readonly #connection: Connection;
  readonly #sender: Sender;
  readonly #bulkConnection: () => Connection;
  readonly #keysOf: (account: Account) => AccountKeys;
  readonly #replication: Replication;

  /**
   * @param sender sends on this connection
   * @param bulkConnection a connection of its own for large commits, so that small ones need not wait for them
   */
  constructor(
    connection: Connection,
    sender: Sender,
    bulkConnection: () => Connection,
    keysOf: (account: Account) => AccountKeys,
    replication: Replication,
  ) {
    this.#connection = connection;
    this.#sender = sender;
    this.#bulkConnection = bulkConnection;
    this.#keysOf = keysOf;
    this.#replication = replication;
  }

  /** @throws LatchkeyError `STORE_UNAVAILABLE`: the commit may have been applied all the same */
  async commit(account: Account, commit: Commit): Promise<CommitResult> {
    if (fitsInline(commit.changes)) {
      checkChanges(commit.changes);
      return this.#apply(account, commit, undefined, async (command) =>
        asBuffer(await this.#sender.enqueue(account, command, hasCommitted)),
      );
    }
    const connection = this.#bulkConnection();
    const staged = await stage(connection, this.#keysOf(account), commit.changes);
    const result = await this.#apply(account, commit, staged, (command) =>
      this.#sendOne(connection, command),
    );
    if (!result.committed) await unstage(connection, staged);
    return result;
  }

  /** @throws LatchkeyError `STORE_UNAVAILABLE`: the account may have been removed all the same */
  async remove(account: Account, expectEpoch: Epoch): Promise<boolean> {
    const command = removeCommand(this.#keysOf(account), expectEpoch);
    return isState(await this.#sendOne(this.#bulkConnection(), command));
  }

  async #apply(
    account: Account,
    commit: Commit,
    staged: Staged | undefined,
    send: (command: ScriptCommand) => Promise<Buffer>,
  ): Promise<CommitResult> {
    const accountKeys = this.#keysOf(account);
    let answer = await send(commitCommand(accountKeys, commit, false, staged));
    if (answer.equals(unlisted)) {
      // Listed first, so that no account that was made is ever missing from the list.
      await listAccount(this.#connection, account);
      answer = await send(commitCommand(accountKeys, commit, true, staged));
    }
    if (answer.equals(conflict)) return { committed: false };
    if (!isState(answer)) throw unavailable('the changes of a large commit expired before they were applied');
    return { committed: true, epoch: decodeEpoch(answer), revision: decodeRevision(answer) };
  }

  /** What is large takes its time to reach the replicas, too. */
  #bulkReplication(): Replication {
    return { ...this.#replication, timeoutMs: Math.max(this.#replication.timeoutMs, bulkReplicationMs) };
  }

  async #sendOne(connection: Connection, command: ScriptCommand): Promise<Buffer> {
    return asBuffer(await new Sender(connection, this.#bulkReplication()).sendOne(command, hasCommitted));
  }
}

function hasCommitted(answer: unknown): boolean {
  return isState(asBuffer(answer));
}
