import { LatchkeyError, type Position } from '../errors.ts';
import { maxIdBytes, partsOf, toRoleId, type Account, type RoleId } from '../ids.ts';
import type { Identity } from './identifiers.ts';
import { excerpt, invalid } from './invalid.ts';
import type { Definition } from './statements.ts';

/** A full id that a text mentions, and what the text declares under it. */
export interface Mention {
  /** A role and the resource of the same name share it. */
  readonly id: RoleId;
  role: Declaration | undefined;
  resource: Declaration | undefined;
}

/** A definition with what it must follow. */
export interface Declaration {
  readonly definition: Definition;
  readonly owner: Mention;
  readonly layers: readonly Mention[];
  /** Set by order.ts: it has its place, or is about to get one. */
  entered: boolean;
  /** Set by order.ts: the walk along owners that came by first. */
  walk: number | undefined;
}

/** Every id that a text mentions, made and checked once; and its declarations in textual order. */
export class Declarations {
  readonly #account: Account;
  readonly #byKind = new Map<string, Map<string, Mention>>();
  readonly inOrder: Declaration[] = [];

  constructor(account: Account) {
    this.#account = account;
  }

  mention({ kind, identifier }: Identity, at: Position): Mention {
    let known = this.#byKind.get(kind);
    if (known === undefined) this.#byKind.set(kind, (known = new Map<string, Mention>()));
    let mention = known.get(identifier);
    if (mention === undefined) {
      known.set(
        identifier,
        (mention = { id: this.#id(kind, identifier, at), role: undefined, resource: undefined }),
      );
    }
    return mention;
  }

  /** The same role or the same resource twice is a mistake; a role and a resource of one id are not. */
  declare(mention: Mention, definition: Definition, owner: Mention, layers: readonly Mention[]): void {
    const { hasRole, hasResource, at } = definition;
    if ((hasRole && mention.role !== undefined) || (hasResource && mention.resource !== undefined)) {
      const { kind, identifier } = partsOf(mention.id);
      throw invalid(
        at,
        `${kind} '${excerpt(identifier)}' is declared more than once`,
        'Declare it once; anywhere else, refer to it',
      );
    }
    const declaration: Declaration = { definition, owner, layers, entered: false, walk: undefined };
    if (hasRole) mention.role = declaration;
    if (hasResource) mention.resource = declaration;
    this.inOrder.push(declaration);
  }

  #id(kind: string, identifier: string, at: Position): RoleId {
    try {
      return toRoleId(this.#account, kind, identifier);
    } catch (error) {
      if (!(error instanceof LatchkeyError)) throw error;
      throw invalid(
        at,
        `The id '${excerpt(identifier)}' is too long`,
        `A full id may have ${maxIdBytes} bytes`,
      );
    }
  }
}
