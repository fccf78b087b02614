/**
 * What an id means where it stands: relative to the enclosing policy, absolute, with `..`, blank,
 * or the name of a user.
 */
import type { Position } from '../errors.ts';
import { hasControlCharacter, maxIdBytes } from '../ids.ts';
import { excerpt, invalid } from './invalid.ts';
import type { RecordNode } from './statements.ts';

/**
 * Where an id stands. A policy may only define, grant, permit and delete what is its own; what
 * receives (an owner, a member, the role of a permission) may be anywhere.
 */
export type Place = 'definition' | 'own' | 'receiver';

/** An id with its kind, as `account:kind:identifier` has them. */
export interface Identity {
  readonly kind: string;
  readonly identifier: string;
  /** The identifier as a path: that of a user before it becomes `name@policy`. */
  readonly path: string;
}

/**
 * The identity of a record in the policy `namespace` (empty at the root).
 * @param account that the policy is loaded to, for messages
 */
export function identify(node: RecordNode, namespace: string, place: Place, account: string): Identity {
  const kind = kindOf(node);
  const path = pathOf(node, kind, namespace, place, account);
  return { kind, path, identifier: node.tag === 'user' ? userName(path) : path };
}

const genericKind = /^[^\s:/\p{Cc}]+$/u;

/** The kind of a record in full ids: its tag, or what a generic record says. */
export function kindOf(node: RecordNode): string {
  if (node.tag === 'host-factory') return 'host_factory';
  if (node.tag !== 'role' && node.tag !== 'resource') return node.tag;
  if (node.kind === undefined) {
    throw invalid(
      node.at,
      `A ${node.tag} needs a kind`,
      `Name the type, as in '!user alice' or '!variable key', or write !${node.tag} with kind and id`,
    );
  }
  if (node.kind.length <= maxIdBytes && genericKind.test(node.kind)) return node.kind;
  throw invalid(node.at, `Invalid kind '${excerpt(node.kind)}'`, "A kind may not contain blanks, ':' or '/'");
}

function pathOf(node: RecordNode, kind: string, namespace: string, place: Place, account: string): string {
  const { id = '', at } = node;
  if (id === '' || id.trim() === '') {
    if (namespace !== '') return namespace;
    throw invalid(
      at,
      `${kind} has a blank id`,
      "Write an id; only inside a policy may it be left out, for the policy's own id",
    );
  }
  if (hasControlCharacter(id)) {
    throw invalid(
      at,
      `The id '${excerpt(id)}' contains a line break or another control character`,
      'Write the id on one line',
    );
  }
  if (id.startsWith('/')) {
    if (place === 'receiver') return checkPath(resolveDots(id.slice(1), at), at);
    throw invalid(
      at,
      `Illegal absolute id: ${excerpt(id)}`,
      'Only an owner, a member and the role of a permission may be outside of the policy; ' +
        'leave the slash out, or load this statement to a policy further up',
    );
  }
  const path = namespace === '' ? id : `${namespace}/${id}`;
  if (!path.includes('..')) return checkPath(path, at);
  if (place === 'receiver') return checkPath(resolveDots(path, at), at);
  if (hasDots(path)) throw illegalDots(node, kind, path, place, account);
  return checkPath(path, at);
}

/** Each `..` takes away the element before it. */
function resolveDots(path: string, at: Position): string {
  if (!hasDots(path)) return path;
  const resolved = resolvedDots(path);
  if (resolved !== undefined) return resolved;
  throw invalid(
    at,
    `Invalid relative reference: ${excerpt(path)}`,
    "It has more '..' than there are policies around it",
  );
}

/** A path without its `..`; undefined when they lead out of the tree or to its root. */
export function resolvedDots(path: string): string | undefined {
  const elements: string[] = [];
  for (const element of path.split('/')) {
    if (element !== '..') elements.push(element);
    else if (elements.pop() === undefined) return undefined;
  }
  return elements.length === 0 ? undefined : elements.join('/');
}

function hasDots(path: string): boolean {
  return path.includes('..') && path.split('/').includes('..');
}

/** `..` means nothing where only the policy's own records may be named: as Conjur has it, nothing is called that. */
function illegalDots(node: RecordNode, kind: string, path: string, place: Place, account: string): Error {
  const name = kind.charAt(0).toUpperCase() + kind.slice(1);
  const problem =
    place === 'own' && kind !== 'user'
      ? `${name} '${excerpt(path)}' not found in account '${account}'`
      : `Invalid relative reference: ${excerpt(path)}`;
  return invalid(
    node.at,
    problem,
    `'..' is understood in an owner, a member and the role of a permission; this ${kind} must be in the policy itself`,
  );
}

function checkPath(path: string, at: Position): string {
  if (path !== '' && !path.includes('//') && !path.endsWith('/') && !path.startsWith('/')) return path;
  throw invalid(
    at,
    `The id '${excerpt(path)}' has an empty part`,
    "Write one '/' between the parts, and none at the end",
  );
}

/** A user is `name@policy-path`: the last element names it, the others are joined with dashes. */
function userName(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash === -1 ? path : `${path.slice(slash + 1)}@${path.slice(0, slash).replaceAll('/', '-')}`;
}
