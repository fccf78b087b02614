/**
 * Sends the scripts that write. Those of one turn and account go out together and then wait
 * together for the replicas.
 */
import type { Account } from '../../domain/ids.ts';
import type { Replies } from './cluster-primacy.ts';
import type { ScriptCommand } from './commit-command.ts';
import type { Connection } from './connection.ts';
import { replyCode, toStoreFailure, unavailable } from './failures.ts';

export interface Replication {
  /** How many replicas must have a write before it is acknowledged. */
  readonly replicas: number;
  readonly timeoutMs: number;
}

/** Whether a script that answered so has written something, for which replicas must be waited. */
type HasWritten = (answer: unknown) => boolean;

interface Pending {
  readonly command: ScriptCommand;
  readonly hasWritten: HasWritten;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
}

export class Sender {
  readonly #connection: Connection;
  readonly #replication: Replication;
  #waiting = new Map<Account, Pending[]>();

  constructor(connection: Connection, replication: Replication) {
    this.#connection = connection;
    this.#replication = replication;
  }

  /**
   * Sends with what else this turn has for the account.
   * @throws LatchkeyError `STORE_UNAVAILABLE`, `INTERNAL`: what was sent may have been done all the same
   */
  enqueue(account: Account, command: ScriptCommand, hasWritten: HasWritten): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.size === 0)
        setImmediate(() => {
          this.#sendAll();
        });
      const pending = { command, hasWritten, resolve, reject };
      const waiting = this.#waiting.get(account);
      if (waiting === undefined) this.#waiting.set(account, [pending]);
      else waiting.push(pending);
    });
  }

  /** Sends at once, and alone. */
  sendOne(command: ScriptCommand, hasWritten: HasWritten): Promise<unknown> {
    return new Promise((resolve, reject) => {
      void this.#send([{ command, hasWritten, resolve, reject }]);
    });
  }

  #sendAll(): void {
    const groups = this.#waiting;
    this.#waiting = new Map();
    for (const group of groups.values()) void this.#send(group);
  }

  async #send(group: readonly Pending[], source: 'sha' | 'text' = 'sha'): Promise<void> {
    try {
      const replies = await this.#exchange(group, source);
      const replicated = this.#isReplicated(replies[group.length]);
      const unknown: Pending[] = [];
      for (const [index, pending] of group.entries()) {
        const [error, reply] = replies[index] ?? [new Error('no reply')];
        if (source === 'sha' && replyCode(error) === 'NOSCRIPT') unknown.push(pending);
        else if (error !== null) pending.reject(toStoreFailure(error));
        else settle(pending, reply, replicated);
      }
      if (unknown.length > 0) await this.#send(unknown, 'text');
    } catch (error) {
      for (const pending of group) pending.reject(error);
    }
  }

  async #exchange(group: readonly Pending[], source: 'sha' | 'text'): Promise<Replies> {
    const { replicas, timeoutMs } = this.#replication;
    return this.#connection.exchange(group[0]?.command.keys[0] ?? '', (pipeline) => {
      for (const { script, keys, args } of group.map(({ command }) => command)) {
        const name = source === 'sha' ? 'evalsha' : 'eval';
        pipeline.callBuffer(name, [script[source], keys.length, ...keys, ...args]);
      }
      // On the same connection it waits for everything that this one has written.
      if (replicas > 0) pipeline.call('wait', [replicas, timeoutMs]);
    });
  }

  #isReplicated(reply: Replies[number] | undefined): boolean {
    const { replicas } = this.#replication;
    return replicas === 0 || (typeof reply?.[1] === 'number' && reply[1] >= replicas);
  }
}

function settle(pending: Pending, answer: unknown, replicated: boolean): void {
  if (replicated || !pending.hasWritten(answer)) pending.resolve(answer);
  else pending.reject(unavailable('too few replicas have what was written; it may be applied all the same'));
}
