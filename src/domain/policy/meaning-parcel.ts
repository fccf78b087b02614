/**
 * A resolved policy as a few texts and one array of numbers, which another thread takes over at once
 * whatever it says. Ids and positions that recur are there once.
 */
import { LatchkeyError, type Position } from '../errors.ts';
import { storedAccount, storedResourceId, storedRoleId } from '../ids.ts';
import { itemsOfStep, type Steps } from '../slices.ts';
import type {
  Definition,
  DeleteEntry,
  GrantEntry,
  OwnUser,
  PermissionEntry,
  ResolvedPolicy,
  RevokeEntry,
} from './statements.ts';
import { recordTags } from './tags.ts';

export interface MeaningParcel {
  /** Each is {@link textsOfPiece} texts, so that taking them apart is done here and there. */
  readonly texts: readonly string[];
  readonly numbers: Int32Array<ArrayBuffer>;
}

/** No text of a policy has it: the source refuses it, and so do escapes. */
const separator = '\0';
const textsOfPiece = 512;

const roleFlag = 1;
const resourceFlag = 2;
const impliedFlag = 4;
const restrictedFlag = 8;

class Writer {
  readonly #places = new Map<string, number>();
  readonly #positions = new Map<Position, number>();
  readonly #texts: string[] = [];
  readonly numbers: number[] = [];

  text(text: string): void {
    let place = this.#places.get(text);
    if (place === undefined) this.#places.set(text, (place = this.#texts.push(text) - 1));
    this.numbers.push(place);
  }

  texts(texts: readonly string[]): void {
    this.numbers.push(texts.length);
    for (const text of texts) this.text(text);
  }

  /** The first time with line and column, then by its place. */
  position(at: Position): void {
    const place = this.#positions.get(at);
    if (place !== undefined) {
      this.numbers.push(place);
      return;
    }
    this.numbers.push(this.#positions.size, at.line, at.column);
    this.#positions.set(at, this.#positions.size);
  }

  list<Item>(items: readonly Item[], write: (item: Item) => void): void {
    this.numbers.push(items.length);
    for (const item of items) write(item);
  }

  finish(): MeaningParcel {
    const numbers = new Int32Array(this.numbers.length + 1);
    numbers[0] = this.#texts.length;
    numbers.set(this.numbers, 1);
    const texts: string[] = [];
    for (let start = 0; start < this.#texts.length; start += textsOfPiece) {
      texts.push(this.#texts.slice(start, start + textsOfPiece).join(separator));
    }
    return { texts, numbers };
  }
}

/** Packs a policy that a text was resolved to. */
export function packMeaning(policy: ResolvedPolicy): MeaningParcel {
  const to = new Writer();
  to.text(policy.account);
  to.text(policy.branch);
  to.texts(policy.warnings);
  to.list(policy.definitions, (definition) => {
    writeDefinition(to, definition);
  });
  to.list(policy.grants, ({ role, member, admin, at, roleAt = at }) => {
    to.text(role);
    to.text(member);
    to.numbers.push(admin ? 1 : 0);
    to.position(at);
    to.position(roleAt);
  });
  to.list(policy.revokes, ({ role, member, at }) => {
    to.text(role);
    to.text(member);
    to.position(at);
  });
  for (const entries of [policy.permits, policy.denies]) {
    to.list(entries, (entry) => {
      writePermission(to, entry);
    });
  }
  to.list(policy.deletes, ({ id, at }) => {
    to.text(id);
    to.position(at);
  });
  to.list(policy.ownUsers ?? [], ({ user, policy: place, at }) => {
    to.text(user);
    to.text(place);
    to.position(at);
  });
  return to.finish();
}

function writeDefinition(to: Writer, definition: Definition): void {
  const { tag, hasRole, hasResource, implied, restrictedTo } = definition;
  const flags =
    (hasRole ? roleFlag : 0) |
    (hasResource ? resourceFlag : 0) |
    (implied ? impliedFlag : 0) |
    (restrictedTo === undefined ? 0 : restrictedFlag);
  to.numbers.push(recordTags.indexOf(tag), flags);
  to.text(definition.id);
  to.text(definition.kind);
  to.text(definition.owner);
  to.position(definition.at);
  to.list(definition.annotations, ({ name, value }) => {
    to.text(name);
    to.text(value);
  });
  to.texts(restrictedTo ?? []);
  to.list(definition.publicKeys, ({ name, line }) => {
    to.text(name);
    to.text(line);
  });
  to.texts(definition.layers);
}

function writePermission(to: Writer, entry: PermissionEntry): void {
  const { role, privilege, resource, at, roleAt = at, resourceAt = at } = entry;
  to.text(role);
  to.text(privilege);
  to.text(resource);
  to.position(at);
  to.position(roleAt);
  to.position(resourceAt);
}

class Reader {
  readonly #pieces: readonly string[];
  readonly #texts: (readonly string[])[] = [];
  readonly #numbers: Int32Array;
  readonly #positions: Position[] = [];
  #next = 1;

  constructor({ texts, numbers }: MeaningParcel) {
    this.#pieces = texts;
    this.#numbers = numbers;
  }

  number(): number {
    return this.#numbers[this.#next++] ?? 0;
  }

  text(): string {
    const place = this.number();
    const piece = Math.floor(place / textsOfPiece);
    return (this.#texts[piece] ??= this.#takeApart(piece))[place % textsOfPiece] ?? '';
  }

  #takeApart(piece: number): readonly string[] {
    const texts = (this.#pieces[piece] ?? '').split(separator);
    const expected = Math.min(textsOfPiece, (this.#numbers[0] ?? 0) - piece * textsOfPiece);
    if (texts.length === expected) return texts;
    throw new LatchkeyError('INTERNAL', { detail: 'a text of a policy has the separator in it' });
  }

  position(): Position {
    const place = this.number();
    const known = this.#positions[place];
    if (known !== undefined) return known;
    const at = { line: this.number(), column: this.number() };
    this.#positions.push(at);
    return at;
  }

  /** A short list. */
  list<Item>(read: () => Item): readonly Item[] {
    const count = this.number();
    if (count === 0) return none;
    const items: Item[] = [];
    for (let index = 0; index < count; index += 1) items.push(read());
    return items;
  }

  *steps<Item>(read: () => Item): Steps<readonly Item[]> {
    const count = this.number();
    const items: Item[] = [];
    for (let index = 0; index < count; index += 1) {
      if (index % itemsOfStep === itemsOfStep - 1) yield;
      items.push(read());
    }
    return items;
  }
}

const none: readonly never[] = [];

/**
 * Unpacks what {@link packMeaning} packed, but that annotations are where their records are.
 * @throws LatchkeyError `INTERNAL`: it was not packed whole
 */
export function* unpackMeaning(parcel: MeaningParcel): Steps<ResolvedPolicy> {
  const from = new Reader(parcel);
  const account = storedAccount(from.text());
  const branch = storedResourceId(from.text());
  const warnings = from.list(() => from.text());
  const definitions = yield* from.steps(() => readDefinition(from));
  const grants = yield* from.steps((): GrantEntry => {
    const [role, member] = [storedRoleId(from.text()), storedRoleId(from.text())];
    return { role, member, admin: from.number() === 1, at: from.position(), roleAt: from.position() };
  });
  const revokes = yield* from.steps((): RevokeEntry => {
    const [role, member] = [storedRoleId(from.text()), storedRoleId(from.text())];
    return { role, member, at: from.position() };
  });
  const permits = yield* from.steps(() => readPermission(from));
  const denies = yield* from.steps(() => readPermission(from));
  const deletes = yield* from.steps((): DeleteEntry => ({ id: from.text(), at: from.position() }));
  const ownUsers = yield* from.steps((): OwnUser => {
    return { user: storedResourceId(from.text()), policy: from.text(), at: from.position() };
  });
  return { account, branch, definitions, grants, permits, revokes, denies, deletes, ownUsers, warnings };
}

function readDefinition(from: Reader): Definition {
  const tag = recordTags[from.number()] ?? 'resource';
  const flags = from.number();
  const [id, kind, owner, at] = [from.text(), from.text(), storedRoleId(from.text()), from.position()];
  const annotations = from.list(() => ({ name: from.text(), value: from.text(), at }));
  const restrictedTo = from.list(() => from.text());
  return {
    tag,
    id,
    kind,
    hasRole: (flags & roleFlag) !== 0,
    hasResource: (flags & resourceFlag) !== 0,
    owner,
    annotations,
    restrictedTo: (flags & restrictedFlag) === 0 ? undefined : restrictedTo,
    publicKeys: from.list(() => ({ name: from.text(), line: from.text() })),
    layers: from.list(() => storedRoleId(from.text())),
    implied: (flags & impliedFlag) !== 0,
    at,
  };
}

function readPermission(from: Reader): PermissionEntry {
  const role = storedRoleId(from.text());
  const privilege = from.text();
  const resource = storedResourceId(from.text());
  return {
    role,
    privilege,
    resource,
    at: from.position(),
    roleAt: from.position(),
    resourceAt: from.position(),
  };
}
