/** The registry of one account in memory, as of its epoch. */
import { LatchkeyError } from '../../errors.ts';
import type { RecordKey } from '../../ids.ts';
import type { Change } from '../../../ports/store.ts';
import { keyParts, registryKey } from '../../records/keys.ts';
import { textOf } from '../../utf8.ts';
import type { ClientRecord, Dialect, RegistryKind, RegistryKinds } from './records.ts';

/** What a record is found by within its kind. */
function idOf<K extends RegistryKind>(kind: K, record: RegistryKinds[K]): string {
  if ('clientId' in record && kind === 'oidc-client') return record.clientId;
  if ('title' in record) return record.id;
  return record.name;
}

/** The change that stores a record. */
export function putRecord<K extends RegistryKind>(kind: K, record: RegistryKinds[K]): Change {
  return { key: registryKey(kind, idOf(kind, record)), value: Buffer.from(JSON.stringify(record)) };
}

/** The change that removes a record. */
export function removeRecord(kind: RegistryKind, id: string): Change {
  return { key: registryKey(kind, id), value: undefined };
}

/** Nothing but the account's state folds changes into it. */
export class Registry {
  readonly #records = new Map<RegistryKind, Map<string, RegistryKinds[RegistryKind]>>();
  readonly #clientsByName = new Map<string, ClientRecord>();
  /** Lists in order, until something changes: whoever asks for keys or metadata needs one, without a token. */
  readonly #lists = new Map<string, readonly RegistryKinds[RegistryKind][]>();
  /** How many bytes each record has as it is stored. */
  readonly #sizes = new Map<RecordKey, number>();
  #bytes = 0;

  /** @throws LatchkeyError `INTERNAL`: the bytes are not a record of the registry */
  apply(kind: RegistryKind, key: RecordKey, value: Uint8Array | undefined): void {
    this.#lists.clear();
    this.#bytes += this.#growthBy(key, value);
    if (value === undefined) this.#sizes.delete(key);
    else this.#sizes.set(key, value.byteLength);
    const id = keyParts(key).join('\t');
    const records = this.#of(kind);
    const before = records.get(id);
    if (kind === 'oidc-client' && before !== undefined) this.#forgetName(before as ClientRecord);
    if (value === undefined) {
      records.delete(id);
      return;
    }
    const record = parseRecord(value);
    records.set(id, record);
    if (kind === 'oidc-client')
      this.#clientsByName.set(nameKey(record as ClientRecord), record as ClientRecord);
  }

  /** All records together, as they are stored. */
  get bytes(): number {
    return this.#bytes;
  }

  /** By how much changes of different records would make it larger; negative where they make it smaller. */
  growthBy(changes: readonly Change[]): number {
    return changes.reduce((growth, { key, value }) => growth + this.#growthBy(key, value), 0);
  }

  /** A record by its name, or by its id where the kind has ids. */
  get<K extends RegistryKind>(kind: K, id: string): RegistryKinds[K] | undefined {
    return this.#of(kind).get(id) as RegistryKinds[K] | undefined;
  }

  /** All of a kind, in ascending order of their ids. */
  all<K extends RegistryKind>(kind: K): readonly RegistryKinds[K][] {
    return this.#list(kind, () => {
      const entries = [...this.#of(kind)].sort(([one], [other]) => (one < other ? -1 : 1));
      return entries.map(([, record]) => record as RegistryKinds[K]);
    });
  }

  /** A client by the name that its dialect knows it by. */
  clientNamed(dialect: Dialect, name: string): ClientRecord | undefined {
    return this.#clientsByName.get(`${dialect}\t${name}`);
  }

  /** The clients of a dialect, in ascending order of their names. */
  clientsOf(dialect: Dialect): readonly ClientRecord[] {
    return this.#list(`clients of ${dialect}`, () => {
      const clients = [...this.#clientsByName.values()].filter((client) => client.dialect === dialect);
      return clients.sort((one, other) => (one.name < other.name ? -1 : 1));
    });
  }

  #list<R extends RegistryKinds[RegistryKind]>(name: string, make: () => readonly R[]): readonly R[] {
    const known = this.#lists.get(name) as readonly R[] | undefined;
    if (known !== undefined) return known;
    const made = make();
    this.#lists.set(name, made);
    return made;
  }

  #growthBy(key: RecordKey, value: Uint8Array | undefined): number {
    return (value?.byteLength ?? 0) - (this.#sizes.get(key) ?? 0);
  }

  /** Of several changes at once, the name may have gone to another client by one that was applied before. */
  #forgetName(client: ClientRecord): void {
    const name = nameKey(client);
    if (this.#clientsByName.get(name) === client) this.#clientsByName.delete(name);
  }

  #of(kind: RegistryKind): Map<string, RegistryKinds[RegistryKind]> {
    let records = this.#records.get(kind);
    if (records === undefined) {
      records = new Map<string, RegistryKinds[RegistryKind]>();
      this.#records.set(kind, records);
    }
    return records;
  }
}

function nameKey({ dialect, name }: ClientRecord): string {
  return `${dialect}\t${name}`;
}

function parseRecord(value: Uint8Array): RegistryKinds[RegistryKind] {
  const record: unknown = JSON.parse(textOf(value));
  if (typeof record !== 'object' || record === null) {
    throw new LatchkeyError('INTERNAL', { detail: 'a stored record of the registry is not an object' });
  }
  return record as RegistryKinds[RegistryKind];
}
