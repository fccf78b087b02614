/** From records to statements, each in the policy in which it is to be written. */
import { adminOf, partsOf, roleOf, storedAccount, type ResourceId, type RoleId } from '../ids.ts';
import type { AccessGraph } from '../rbac/graph.ts';
import { compareIds } from '../collation.ts';
import type { Entry, Field, Reference } from './entries.ts';
import type { Scope, Shown } from './scope.ts';

/** The statements of one policy, which grow while the records are gone through. */
type Body = Entry[];

/**
 * Writes what a scope holds as statements: for the root its top-level statements; for another
 * policy the one statement that defines it, with what is in it.
 *
 * Each record stands in the innermost policy that is shown and that its path leads through; one
 * with the very id of a policy stands beside that policy. A permit stands with its resource, a
 * grant with its role and names only members that are shown. Owners of variables, admin options
 * and records of generic kinds cannot be read from it.
 * @see Conjur: effective policy
 */
export function statementsOf(graph: AccessGraph, scope: Scope): readonly Entry[] {
  return new Tree(graph, scope).statements();
}

class Tree {
  readonly #graph: AccessGraph;
  readonly #scope: Scope;
  /** By identifier; the root is empty. */
  readonly #bodies = new Map<string, Body>();
  /** The members named so far, by the role that they are granted. */
  readonly #grants = new Map<RoleId, Reference[]>();
  readonly #top: Body = [];

  constructor(graph: AccessGraph, scope: Scope) {
    this.#graph = graph;
    this.#scope = scope;
  }

  statements(): readonly Entry[] {
    for (const record of this.#scope.records) {
      const container = this.#containerOf(record);
      if (container !== undefined) {
        if (record.path !== 'root' || record.kind !== 'policy') this.#define(record, container);
        this.#permit(record, container);
      } else if (record.kind === 'policy') this.#define(record, parentPath(record.path), this.#top);
      this.#grantTo(record);
    }
    return this.#scope.base === '' ? this.#body('') : this.#top;
  }

  #body(container: string): Body {
    let body = this.#bodies.get(container);
    if (body === undefined) this.#bodies.set(container, (body = []));
    return body;
  }

  /**
   * The policy that a record stands in; undefined for one outside of the policy that was asked for. A
   * host factory must stand where its layers can be named.
   */
  #containerOf(record: Shown): string | undefined {
    const { path, kind, id } = record;
    const layers = kind === 'host_factory' ? this.#layersOf(id) : [];
    let outermost: string | undefined;
    for (let policy = parentPath(path); policy !== ''; policy = parentPath(policy)) {
      // What is left must not read as a blank id.
      if (!this.#scope.policies.has(policy) || path.slice(policy.length + 1).trim() === '') continue;
      if (layers.every((layer) => within(layer.path, policy) !== undefined)) return policy;
      outermost = policy;
    }
    return this.#scope.base === '' ? '' : outermost;
  }

  #define(record: Shown, container: string, into = this.#body(container)): void {
    const { id, kind, path } = record;
    const text =
      into === this.#top ? path.slice(container === '' ? 0 : container.length + 1) : within(path, container);
    const annotations = new Map(
      this.#graph
        .annotationsOf(id)
        .map(({ name, value }) => [name, value] as const)
        .sort(([one], [other]) => (one < other ? -1 : 1)),
    );
    const attributes = kind === 'variable' ? takeAttributes(annotations) : this.#owner(record, container);
    const fields: Field[] = [{ name: 'id', text: text ?? path }, ...attributes];
    if (kind === 'host_factory') fields.push(this.#layers(record, container));
    if (annotations.size > 0) fields.push({ name: 'annotations', pairs: [...annotations] });
    if (kind === 'policy') fields.push({ name: 'body', entries: this.#body(path) });
    const restrictedTo = kind === 'user' || kind === 'host' ? this.#graph.restrictedTo(roleOf(id)) : [];
    if (restrictedTo.length > 0) fields.push({ name: 'restricted_to', texts: restrictedTo });
    into.push({ tag: tagOf(kind), fields });
  }

  /** The owner, unless it is the one that the record has where it stands. */
  #owner({ id }: Shown, container: string): readonly Field[] {
    const owner = this.#graph.resource(id)?.owner;
    if (owner === undefined) return [];
    const { account, kind, identifier } = partsOf(owner);
    if (kind === 'policy' && identifier === container) return [];
    if (container === '' && owner === adminOf(storedAccount(account))) return [];
    const shown = this.#scope.shownRole(owner);
    return shown === undefined ? [] : [{ name: 'owner', reference: absolute(shown) }];
  }

  /** Layers outside of the policy that was asked for cannot be named in it. */
  #layers({ id }: Shown, container: string): Field {
    const references = this.#layersOf(id)
      .map(({ path }) => within(path, container))
      .filter((path) => path !== undefined)
      .map((path): Reference => ({ tag: 'layer', id: path }));
    return { name: 'layers', references };
  }

  #layersOf(hostFactory: ResourceId): readonly Shown[] {
    return this.#heldBy(roleOf(hostFactory)).filter(({ kind }) => kind === 'layer');
  }

  /** One permit for each role that has privileges on the record. */
  #permit(record: Shown, container: string): void {
    const privileges = new Map<RoleId, string[]>();
    for (const { role, privilege } of this.#graph.permissionsOn(record.id)) {
      const list = privileges.get(role);
      if (list === undefined) privileges.set(role, [privilege]);
      else list.push(privilege);
    }
    const resource: Reference = {
      tag: tagOf(record.kind),
      id: within(record.path, container) ?? record.path,
    };
    for (const role of [...privileges.keys()].sort(compareIds)) {
      const shown = this.#scope.shownRole(role);
      if (shown === undefined) continue;
      const near = this.#containerOf(shown) === container ? within(shown.path, container) : undefined;
      const reference = near === undefined ? absolute(shown) : { tag: tagOf(shown.kind), id: near };
      this.#body(container).push({
        tag: 'permit',
        fields: [
          { name: 'role', reference },
          { name: 'privileges', texts: (privileges.get(role) ?? []).sort() },
          { name: 'resource', reference: resource },
        ],
      });
    }
  }

  /** Names the record among the members of each role that it was granted. */
  #grantTo(record: Shown): void {
    for (const role of this.#heldBy(roleOf(record.id))) {
      if (record.kind === 'host_factory' && role.kind === 'layer') continue;
      const container = this.#scope.reaches(role) ? this.#containerOf(role) : undefined;
      if (container === undefined) continue;
      const id = roleOf(role.id);
      let members = this.#grants.get(id);
      if (members === undefined) {
        this.#grants.set(id, (members = []));
        const reference = { tag: tagOf(role.kind), id: within(role.path, container) ?? role.path };
        this.#body(container).push({
          tag: 'grant',
          fields: [
            { name: 'role', reference },
            { name: 'members', references: members },
          ],
        });
      }
      members.push(absolute(record));
    }
  }

  /** The roles that were granted to a role, in the order of their ids. */
  #heldBy(member: RoleId): readonly Shown[] {
    return this.#graph
      .memberships(member)
      .filter(({ ownership }) => !ownership)
      .map(({ role }) => this.#scope.shownRole(role))
      .filter((shown) => shown !== undefined)
      .sort((one, other) => compareIds(one.id, other.id));
  }
}

/** The annotations that are attributes of a variable, taken out of the others. */
function takeAttributes(annotations: Map<string, string>): readonly Field[] {
  const fields: Field[] = [];
  for (const name of ['kind', 'mime_type'] as const) {
    const text = annotations.get(`conjur/${name}`);
    if (text === undefined) continue;
    annotations.delete(`conjur/${name}`);
    fields.push({ name, text });
  }
  return fields;
}

/** A path as it is written in a policy: blank for the policy's own id, undefined for one outside of it. */
function within(path: string, container: string): string | undefined {
  if (container === '') return path;
  if (path === container) return '';
  return path.startsWith(`${container}/`) ? path.slice(container.length + 1) : undefined;
}

function absolute({ kind, path }: Shown): Reference {
  return { tag: tagOf(kind), id: `/${path}` };
}

function parentPath(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf('/'), 0));
}

function tagOf(kind: string): string {
  return kind === 'host_factory' ? 'host-factory' : kind;
}
