/** What an effective policy is about: the records below a policy that a role may see. */
import { adminOf, partsOf, resourceOf, storedAccount, type ResourceId, type RoleId } from '../ids.ts';
import type { AccessGraph } from '../rbac/graph.ts';
import { compareIds } from '../collation.ts';
import { UserPaths } from './user-paths.ts';

/** A record with the path by which it is shown: of a user its place among the policies, of others their identifier. */
export interface Shown {
  readonly id: ResourceId;
  readonly kind: string;
  readonly path: string;
}

export interface Scope {
  /** Identifier of the policy that was asked for; empty for the root. */
  readonly base: string;
  /** In the order of their ids, users after all others. */
  readonly records: readonly Shown[];
  /** Identifiers of the policies among them, without the root. */
  readonly policies: ReadonlySet<string>;
  /** How many resources (but for users), annotations and permissions there are. */
  readonly size: number;
  /** How a role is referred to; undefined for what cannot be written in a policy. */
  shownRole(role: RoleId): Shown | undefined;
  /** Whether a path lies in the policy that was asked for, no deeper than was asked for. */
  reaches(shown: Shown): boolean;
}

const roleKinds: ReadonlySet<string> = new Set(['policy', 'host', 'layer', 'host_factory', 'group']);
const kinds: ReadonlySet<string> = new Set([...roleKinds, 'variable', 'webservice']);

/**
 * Looks at what a role may see, of one policy.
 * @param depth how many more slashes than the policy's own an identifier may have, a user's path one more
 * @see Conjur: effective policy, whose depth counts slashes and not policies
 */
export function scopeOf(graph: AccessGraph, role: RoleId, policy: ResourceId, depth: number): Scope {
  const { account, identifier } = partsOf(policy);
  const base = identifier === 'root' ? '' : identifier;
  const admin = adminOf(storedAccount(account));
  const deepest = slashesIn(base) + depth;
  const isBelow = (path: string): boolean => base === '' || path === base || path.startsWith(`${base}/`);
  const seen = graph.visibleTo(role).filter((id) => partsOf(id).account === account);
  const resources = seen
    .map((id): Shown => ({ id, kind: partsOf(id).kind, path: partsOf(id).identifier }))
    .filter(({ kind, path }) => kind !== 'user' && isBelow(path) && slashesIn(path) <= deepest)
    .toSorted((one, other) => compareIds(one.id, other.id));
  const policies = resources
    .filter(({ kind, path }) => kind === 'policy' && path !== 'root')
    .map(({ path }) => path);
  const paths = new UserPaths(policies, (user) => graph.resource(user)?.owner);
  const reaches = ({ kind, path }: Shown): boolean =>
    isBelow(path) && slashesIn(path) <= deepest + (kind === 'user' ? 1 : 0);
  const shown = (id: ResourceId): Shown => {
    const { kind } = partsOf(id);
    return { id, kind, path: kind === 'user' ? paths.pathOf(id) : partsOf(id).identifier };
  };
  const users = seen
    .filter((id) => isWritableUser(id) && id !== resourceOf(admin))
    .map(shown)
    .filter(reaches)
    .toSorted((one, other) => compareIds(one.id, other.id));
  return {
    base,
    records: [...resources.filter(({ kind }) => kinds.has(kind)), ...users],
    policies: new Set(policies),
    size: sizeOf(graph, resources),
    reaches,
    shownRole: (held) => {
      const id = resourceOf(held);
      const { kind } = partsOf(id);
      const isWritable = kind === 'user' ? isWritableUser(id) : roleKinds.has(kind);
      return isWritable && (held === admin || graph.hasResource(id)) ? shown(id) : undefined;
    },
  };
}

/** An id of a user that a policy can define; what generic roles and resources are called is free. */
function isWritableUser(id: ResourceId): boolean {
  const { kind, identifier } = partsOf(id);
  return kind === 'user' && !identifier.includes('/');
}

function sizeOf(graph: AccessGraph, resources: readonly Shown[]): number {
  let size = resources.length;
  for (const { id } of resources) size += graph.annotationsOf(id).length + graph.permissionsOn(id).length;
  return size;
}

function slashesIn(path: string): number {
  return path.split('/').length - 1;
}
