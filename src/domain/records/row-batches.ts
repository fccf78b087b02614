/**
 * The rows of the graph as they are stored: in batches, each a record with up to a thousand edits, in
 * the order of their numbers. All batches of an account, read in that order, say what its rows are; the
 * graph in memory answers everything else, so no row is ever looked for in the store.
 *
 * Layout of a batch: number of edits (u32), length of the texts in bytes (u32), the texts as a JSON
 * array, then five numbers for each edit (u16): what it does, and the places of what it names among the
 * texts.
 */
import { LatchkeyError } from '../errors.ts';
import { storedResourceId, storedRoleId, type RecordKey } from '../ids.ts';
import type { Change } from '../../ports/store.ts';
import { collectionOf, keyParts, rowBatchKey } from './keys.ts';
import type { GraphRow } from './rows.ts';

/** A row that is to be there, in the place of one with the same key, or to be gone. */
export interface RowEdit {
  readonly row: GraphRow;
  readonly there: boolean;
}

/** Of one batch. */
const maxEdits = 1_000;
/** Far less than a record may have, however the texts are escaped. */
const maxCharacters = 1024 * 1024;

const headBytes = 8;
const cellBytes = 2;
const cells = 5;

const tables = ['role', 'resource', 'membership', 'permission', 'annotation'] as const;
const goneBit = 8;
const ownershipBit = 16;
const adminBit = 32;

/** The texts of a batch, each once, by their places. */
class Texts {
  readonly #places = new Map<string, number>();
  readonly list: string[] = [];
  characters = 0;
  #recent = '';
  #recentPlace = -1;

  place(text: string): number {
    if (text === this.#recent && this.#recentPlace !== -1) return this.#recentPlace;
    let place = this.#places.get(text);
    if (place === undefined) {
      place = this.list.length;
      this.#places.set(text, place);
      this.list.push(text);
      this.characters += text.length;
    }
    return place;
  }

  /** As {@link place}, for what mostly is the same as before. */
  recurring(text: string): number {
    const place = this.place(text);
    this.#recent = text;
    this.#recentPlace = place;
    return place;
  }
}

/** A batch that is being filled. */
class Batch {
  readonly #texts = new Texts();
  readonly #cells: number[] = [];

  get full(): boolean {
    return this.#cells.length >= maxEdits * cells || this.#texts.characters >= maxCharacters;
  }

  get empty(): boolean {
    return this.#cells.length === 0;
  }

  add({ row, there }: RowEdit): void {
    const texts = this.#texts;
    const policy = texts.recurring(row.policy ?? '');
    const gone = there ? 0 : goneBit;
    switch (row.table) {
      case 'role':
        this.#cells.push(gone, texts.place(row.role), texts.place(String(row.createdAt)), 0, policy);
        return;
      case 'resource': {
        const resource = texts.place(row.resource);
        const owner = texts.place(row.owner);
        this.#cells.push(gone | 1, resource, owner, texts.place(String(row.createdAt)), policy);
        return;
      }
      case 'membership': {
        const options = (row.ownership ? ownershipBit : 0) | (row.admin ? adminBit : 0);
        this.#cells.push(gone | options | 2, texts.place(row.role), texts.place(row.member), 0, policy);
        return;
      }
      case 'permission': {
        const resource = texts.place(row.resource);
        this.#cells.push(gone | 3, resource, texts.place(row.role), texts.place(row.privilege), policy);
        return;
      }
      case 'annotation': {
        const resource = texts.place(row.resource);
        this.#cells.push(gone | 4, resource, texts.place(row.name), texts.place(row.value), policy);
      }
    }
  }

  encode(): Uint8Array {
    const texts = Buffer.from(JSON.stringify(this.#texts.list));
    const bytes = Buffer.allocUnsafeSlow(headBytes + texts.length + this.#cells.length * cellBytes);
    bytes.writeUInt32LE(this.#cells.length / cells, 0);
    bytes.writeUInt32LE(texts.length, 4);
    bytes.set(texts, headBytes);
    let at = headBytes + texts.length;
    for (const cell of this.#cells) {
      bytes[at] = cell & 0xff;
      bytes[at + 1] = cell >> 8;
      at += cellBytes;
    }
    return bytes;
  }
}

/**
 * The changes that store edits, in as many batches as that takes. Later edits prevail.
 * @param firstNumber see {@link RowLog.next}: nobody else may use it, so the commit expects an epoch
 */
export function* batchesOf(firstNumber: number, edits: Iterable<RowEdit>): Generator<Change> {
  let number = firstNumber;
  let batch = new Batch();
  for (const edit of edits) {
    batch.add(edit);
    if (!batch.full) continue;
    yield { key: rowBatchKey(number), value: batch.encode() };
    number += 1;
    batch = new Batch();
  }
  if (!batch.empty) yield { key: rowBatchKey(number), value: batch.encode() };
}

/** The number of a batch by its key; undefined for the key of anything else. */
export function batchNumberOf(key: RecordKey): number | undefined {
  return collectionOf(key) === 'rows' ? Number(keyParts(key)[0]) : undefined;
}

/** How many edits a batch has. */
export function editsIn(batch: Uint8Array): number {
  return viewOf(batch).readUInt32LE(0);
}

/**
 * Reads a batch that {@link batchesOf} made.
 * @throws LatchkeyError `INTERNAL`: it is none
 */
export function* decodeBatch(batch: Uint8Array): Generator<RowEdit> {
  const bytes = viewOf(batch);
  const textsEnd = headBytes + bytes.readUInt32LE(4);
  const texts: unknown = JSON.parse(bytes.toString('utf8', headBytes, textsEnd));
  if (!Array.isArray(texts) || bytes.length !== textsEnd + editsIn(batch) * cells * cellBytes) {
    throw new LatchkeyError('INTERNAL', { detail: 'a stored batch of rows is not one' });
  }
  for (let at = textsEnd; at < bytes.length; at += cells * cellBytes) {
    yield editAt(bytes, at, texts as readonly string[]);
  }
}

function editAt(bytes: Buffer, at: number, texts: readonly string[]): RowEdit {
  const text = (cell: number): string => texts[bytes.readUInt16LE(at + cell * cellBytes)] ?? '';
  const what = bytes.readUInt16LE(at);
  const policyText = text(4);
  const policy = policyText === '' ? {} : { policy: storedResourceId(policyText) };
  const there = (what & goneBit) === 0;
  const table = tables[what & 7] ?? 'role';
  switch (table) {
    case 'role':
      return { there, row: { table, role: storedRoleId(text(1)), createdAt: Number(text(2)), ...policy } };
    case 'resource': {
      const [resource, owner] = [storedResourceId(text(1)), storedRoleId(text(2))];
      return { there, row: { table, resource, owner, createdAt: Number(text(3)), ...policy } };
    }
    case 'membership': {
      const [role, member] = [storedRoleId(text(1)), storedRoleId(text(2))];
      const [ownership, admin] = [(what & ownershipBit) !== 0, (what & adminBit) !== 0];
      return { there, row: { table, role, member, ownership, admin, ...policy } };
    }
    case 'permission': {
      const [resource, role] = [storedResourceId(text(1)), storedRoleId(text(2))];
      return { there, row: { table, resource, role, privilege: text(3), ...policy } };
    }
    case 'annotation':
      return {
        there,
        row: { table, resource: storedResourceId(text(1)), name: text(2), value: text(3), ...policy },
      };
  }
}

function viewOf(value: Uint8Array): Buffer {
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}
