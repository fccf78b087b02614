/**
 * Commits, each by one script. Those of one turn and account go out together and then wait
 * together for the replicas.
 */
import type { Account } from '../../domain/ids.ts';
import type { Commit, CommitResult, Epoch } from '../../ports/store.ts';
import { asBuffer, decodeEpoch, decodeRevision, isState } from './codec.ts';
import { commitCommand, removeCommand, type ScriptCommand, type Staged } from './commit-command.ts';
import type { Connection } from './connection.ts';
import { replyCode, toStoreFailure, unavailable } from './failures.ts';
import { accountsKey, type AccountKeys } from './keys.ts';
import { checkChanges } from '../store-limits.ts';
import { fitsInline, stage, unstage } from './staging.ts';

export interface Replication {
  /** How many replicas must have a commit before it is acknowledged. */
  readonly replicas: number;
  readonly timeoutMs: number;
}

const conflict = Buffer.from('conflict');
const unlisted = Buffer.from('unlisted');

interface Pending {
  readonly command: ScriptCommand;
  readonly resolve: (answer: Buffer) => void;
  readonly reject: (error: unknown) => void;
}

export class Writer {
  readonly #connection: Connection;
  readonly #bulkConnection: () => Connection;
  readonly #keysOf: (account: Account) => AccountKeys;
  readonly #replication: Replication;
  #waiting = new Map<Account, Pending[]>();

  /** @param bulkConnection a connection of its own for large commits, so that small ones need not wait for them */
  constructor(
    connection: Connection,
    bulkConnection: () => Connection,
    keysOf: (account: Account) => AccountKeys,
    replication: Replication,
  ) {
    this.#connection = connection;
    this.#bulkConnection = bulkConnection;
    this.#keysOf = keysOf;
    this.#replication = replication;
  }

  /** @throws LatchkeyError `STORE_UNAVAILABLE`: the commit may have been applied all the same */
  async commit(account: Account, commit: Commit): Promise<CommitResult> {
    if (fitsInline(commit.changes)) {
      checkChanges(commit.changes);
      return this.#apply(account, commit, undefined, (command) => this.#enqueue(account, command));
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
      await this.#connection.perform((client) => client.sadd(accountsKey, account));
      answer = await send(commitCommand(accountKeys, commit, true, staged));
    }
    if (answer.equals(conflict)) return { committed: false };
    if (!isState(answer)) throw unavailable('the changes of a large commit expired before they were applied');
    return { committed: true, epoch: decodeEpoch(answer), revision: decodeRevision(answer) };
  }

  #enqueue(account: Account, command: ScriptCommand): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.size === 0)
        setImmediate(() => {
          this.#sendAll();
        });
      const waiting = this.#waiting.get(account);
      if (waiting === undefined) this.#waiting.set(account, [{ command, resolve, reject }]);
      else waiting.push({ command, resolve, reject });
    });
  }

  #sendAll(): void {
    const groups = this.#waiting;
    this.#waiting = new Map();
    for (const group of groups.values()) void this.#send(this.#connection, group);
  }

  #sendOne(connection: Connection, command: ScriptCommand): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      void this.#send(connection, [{ command, resolve, reject }]);
    });
  }

  async #send(
    connection: Connection,
    group: readonly Pending[],
    source: 'sha' | 'text' = 'sha',
  ): Promise<void> {
    try {
      const replies = await this.#exchange(connection, group, source);
      const replicated = this.#isReplicated(replies[group.length]);
      const unknown: Pending[] = [];
      for (const [index, pending] of group.entries()) {
        const [error, reply] = replies[index] ?? [new Error('no reply')];
        if (source === 'sha' && replyCode(error) === 'NOSCRIPT') unknown.push(pending);
        else if (error !== null) pending.reject(toStoreFailure(error));
        else settle(pending, asBuffer(reply), replicated);
      }
      if (unknown.length > 0) await this.#send(connection, unknown, 'text');
    } catch (error) {
      for (const pending of group) pending.reject(error);
    }
  }

  async #exchange(
    connection: Connection,
    group: readonly Pending[],
    source: 'sha' | 'text',
  ): Promise<Replies> {
    const { replicas, timeoutMs } = this.#replication;
    const replies = await connection.perform(async (client) => {
      const pipeline = client.pipeline();
      for (const { script, keys, args } of group.map(({ command }) => command)) {
        const name = source === 'sha' ? 'evalsha' : 'eval';
        pipeline.callBuffer(name, [script[source], keys.length, ...keys, ...args]);
      }
      // On the same connection it waits for everything that this one has written.
      if (replicas > 0) pipeline.call('wait', [replicas, timeoutMs]);
      return pipeline.exec();
    });
    return replies ?? [];
  }

  #isReplicated(reply: Replies[number] | undefined): boolean {
    const { replicas } = this.#replication;
    return replicas === 0 || (typeof reply?.[1] === 'number' && reply[1] >= replicas);
  }
}

type Replies = readonly (readonly [error: Error | null, reply: unknown])[];

function settle(pending: Pending, answer: Buffer, replicated: boolean): void {
  if (replicated || !isState(answer)) pending.resolve(answer);
  else pending.reject(unavailable('too few replicas have the commit; it may be applied all the same'));
}
