/**
 * Which data keys the running processes hold. Nobody keeps a list of processes: whoever wants to know puts a
 * question into the store, at which every process looks each second, and reads the answers.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { keyCallKey, keyCheckKey, keyHolderKey } from '../records/keys.ts';
import { storeAccount } from '../accounts/store-account.ts';
import type { RecordKey } from '../ids.ts';
import type { Keyring } from '../../ports/keyring.ts';
import type { Store } from '../../ports/store.ts';
import { textOf } from '../utf8.ts';

/** What one process says of its keys; it has no more than this to show. */
export interface KeyHolder {
  /** Names the process for people: host and process id. */
  readonly name: string;
  /** The id of the key that it seals under. */
  readonly seals: string;
  /** The ids of the keys that it holds. */
  readonly holds: readonly string[];
}

interface Answer extends KeyHolder {
  readonly call: string;
}

export interface HolderServices {
  readonly store: Store;
  readonly keyring: Keyring;
}

/** How often a process looks which key is to seal, and whether somebody asks. */
export const msBetweenLooks = 1_000;

/**
 * Keeps a process in step with the data keys: reads its keys anew, seals under the key that the store
 * names, and answers who asks. Begins at once; a store that does not answer is asked again.
 */
export class DataKeyWatch {
  readonly #services: HolderServices;
  readonly #name: string;
  readonly #id = randomUUID();
  readonly #stopping = new AbortController();
  #answered: string | undefined;
  readonly #watching: Promise<void>;

  /** @param name see {@link KeyHolder} */
  constructor(services: HolderServices, name: string) {
    this.#services = services;
    this.#name = name;
    this.#watching = this.#watch();
  }

  /** Settles once it looks no more. */
  async close(): Promise<void> {
    this.#stopping.abort();
    await this.#watching;
  }

  async #watch(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await this.#look().catch(() => undefined);
      await pause(msBetweenLooks, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  async #look(): Promise<void> {
    const { store, keyring } = this.#services;
    keyring.refresh();
    const { records } = await store.read(storeAccount, [keyCheckKey(), keyCallKey()]);
    const [check, question] = records;
    const sealing = check === undefined ? undefined : keyring.sealedUnder(check.value);
    if (check !== undefined && sealing !== undefined && sealing !== keyring.keyId) {
      keyring.open(check.value, keyCheckKey());
      keyring.sealUnder(sealing);
    }
    if (question === undefined) return;
    const call = textOf(question.value);
    if (call === this.#answered) return;
    const answer: Answer = { call, name: this.#name, seals: keyring.keyId, holds: keyring.keyIds };
    const change = { key: keyHolderKey(this.#id), value: Buffer.from(JSON.stringify(answer)) };
    await store.commit(storeAccount, { changes: [change], authority: false });
    this.#answered = call;
  }
}

/**
 * Asks every running process which keys it holds. One that does not answer in time is not among the
 * answers: it has ended, or hangs, and looks for a key that it does not know by itself when it goes on.
 * @param waitMs how long answers are waited for; at least twice {@link msBetweenLooks} on a calm machine
 */
export async function askHolders(
  { store }: Pick<HolderServices, 'store'>,
  waitMs: number,
): Promise<readonly KeyHolder[]> {
  const call = randomUUID();
  await store.commit(storeAccount, {
    changes: [{ key: keyCallKey(), value: Buffer.from(call) }],
    authority: false,
  });
  await pause(waitMs);
  const holders: KeyHolder[] = [];
  const answers: RecordKey[] = [];
  for await (const batch of store.scan(storeAccount, 'key-holder')) {
    for (const [key, { value }] of batch) {
      const { call: answered, ...holder } = JSON.parse(textOf(value)) as Answer;
      if (answered === call) holders.push(holder);
      answers.push(key);
    }
  }
  // Who is gone will not tidy up.
  const changes = answers.map((key) => ({ key, value: undefined }));
  if (changes.length > 0) await store.commit(storeAccount, { changes, authority: false });
  return holders.sort((one, other) => (one.name < other.name ? -1 : 1));
}
