/**
 * Where an account's data lie in Redis. All keys of an account share one hash tag, so that a
 * cluster keeps them on one node and a script can touch them together.
 */
import type { Account } from '../../domain/ids.ts';
import { isWellFormed } from '../store-limits.ts';

/** The set of the accounts' names; the only key that belongs to no account. */
export const accountsKey = 'latchkey:accounts';

/** The mark of a store that is being filled from a backup; in the same slot as {@link accountsKey}. */
export const restoreMarkKey = `{${accountsKey}}:restore`;

/** A name with a brace would end or empty the hash tag. */
function tagOf(account: Account): string {
  return account.replace(/[{}%]/g, (character) => `%${character.charCodeAt(0).toString(16)}`);
}

/** The names of an account's keys. */
export class AccountKeys {
  /** Epoch, revision and bounds of the change log, in one string. */
  readonly meta: string;
  /** A hash: epoch counter to the keys that the commit touched. */
  readonly changeLog: string;
  /** What a snapshot of the account that is being taken needs besides the records; see snapshot-scripts.ts. */
  readonly snapshot: string;
  /** What an account that is being filled from a backup needs besides the records; see restore-scripts.ts. */
  readonly restore: string;
  /** A glob that matches every key of the account. */
  readonly everything: string;
  /** A glob that matches the key of every ephemeral entry. */
  readonly entries: string;
  /** What the key of each ephemeral entry begins with. */
  readonly entriesPrefix: string;
  /** What the key of each collection begins with; the collection is a hash of its records. */
  readonly recordsPrefix: string;
  /** What the key of each group of ephemeral entries begins with. */
  readonly groupsPrefix: string;
  readonly #prefix: string;
  readonly #collections = new Map<string, string>();

  constructor(account: Account) {
    this.#prefix = `latchkey:{${tagOf(account)}}:`;
    this.everything = `${escapedGlob(this.#prefix)}*`;
    this.entriesPrefix = `${this.#prefix}ephemeral:`;
    this.entries = `${escapedGlob(this.entriesPrefix)}*`;
    this.meta = `${this.#prefix}meta`;
    this.snapshot = `${this.#prefix}snapshot`;
    this.restore = `${this.#prefix}restore`;
    this.changeLog = `${this.#prefix}changes`;
    this.recordsPrefix = `${this.#prefix}records:`;
    this.groupsPrefix = `${this.#prefix}ephemeral-groups:`;
  }

  /** The hash that holds the records of a collection. */
  collection(name: string): string {
    let key = this.#collections.get(name);
    if (key === undefined) this.#collections.set(name, (key = this.recordsPrefix + name));
    return key;
  }

  /** The hash of one ephemeral entry. */
  ephemeral(key: string): string {
    return this.entriesPrefix + key;
  }

  /** One ephemeral counter. */
  counter(key: string): string {
    return `${this.#prefix}counters:${key}`;
  }

  /** Where the changes of one large commit wait to be applied. */
  staged(id: string): string {
    return `${this.#prefix}staged:${id}`;
  }
}

function escapedGlob(text: string): string {
  return text.replace(/[\\*?[\]]/g, '\\$&');
}

/** A record key as Redis holds it: collection and field. One that names no collection is in none. */
export function splitKey(key: string): readonly [collection: string, field: string] {
  const tab = key.indexOf('\t');
  return [key.slice(0, Math.max(0, tab)), key.slice(tab + 1)];
}

/** What no field is: UTF-8 never has this byte. */
const nobodysField = Buffer.of(0xff);

/** The field to ask for. UTF-8 would turn a lone surrogate into U+FFFD, another record's key. */
export function fieldToRead(field: string): string | Buffer {
  return isWellFormed(field) ? field : nobodysField;
}

/** Where a key stands in the list of a script's keys, counted from 1; added where it is new. */
export function indexAmong(keys: string[], key: string): number {
  const index = keys.indexOf(key);
  return index === -1 ? keys.push(key) : index + 1;
}
