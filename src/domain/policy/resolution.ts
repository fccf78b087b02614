/** What is known while statements are resolved, and what a reference in them means. */
import type { Position } from '../errors.ts';
import { resourceOf, type Account } from '../ids.ts';
import type { Declarations, Mention } from './declarations.ts';
import { identify, type Identity, type Place } from './identifiers.ts';
import { excerpt, invalid } from './invalid.ts';
import type {
  DeleteEntry,
  GrantEntry,
  OwnUser,
  PermissionEntry,
  RecordNode,
  RevokeEntry,
} from './statements.ts';

/** The policy that statements stand in. */
export interface Scope {
  /** Its identifier; empty at the root. */
  readonly namespace: string;
  /** Owns what names no owner. */
  readonly owner: Mention;
}

export interface Resolution {
  readonly account: Account;
  readonly declarations: Declarations;
  /** Of the records that aliases lead to: the policy that each stands in first. */
  readonly namespaces: Map<RecordNode, string>;
  readonly defined: Set<RecordNode>;
  readonly grants: GrantEntry[];
  readonly permits: PermissionEntry[];
  readonly revokes: RevokeEntry[];
  readonly denies: PermissionEntry[];
  readonly deletes: DeleteEntry[];
  readonly ownUsers: OwnUser[];
  readonly warnings: Set<string>;
  entries: number;
}

/**
 * What an id means; for a record that aliases lead to, what it means where it stands first.
 * @throws LatchkeyError `POLICY_INVALID`: an id that may not stand here
 */
export function identityOf(resolution: Resolution, node: RecordNode, scope: Scope, place: Place): Identity {
  if (node.account !== undefined && node.account !== resolution.account) {
    throw invalid(
      node.at,
      `The account '${excerpt(node.account)}' is not the one that the policy is loaded to`,
      `Leave 'account' out, or write '${resolution.account}'`,
    );
  }
  const { account } = resolution;
  if (!node.shared) return identify(node, scope.namespace, place, account);
  const namespace = resolution.namespaces.get(node) ?? scope.namespace;
  resolution.namespaces.set(node, namespace);
  // INVARIANT: the place of each use is checked, so that an alias cannot carry an absolute id from
  // where one is allowed to where it is not.
  return identify(node, namespace, place, account);
}

/**
 * What a statement refers to.
 * @throws LatchkeyError `POLICY_INVALID`: an id that may not stand here
 */
export function refer(resolution: Resolution, node: RecordNode, scope: Scope, place: Place): Mention {
  const identity = identityOf(resolution, node, scope, place);
  const mention = resolution.declarations.mention(identity, node.at);
  if (place === 'own') noteOwnUser(resolution, identity, mention, node.at);
  return mention;
}

/** A user that stands in a policy has its path in its name, but with dashes, so that others may have the same. */
export function noteOwnUser(
  { ownUsers }: Resolution,
  { kind, path }: Identity,
  { id }: Mention,
  at: Position,
): void {
  if (kind !== 'user') return;
  const slash = path.lastIndexOf('/');
  if (slash !== -1) ownUsers.push({ user: resourceOf(id), policy: path.slice(0, slash), at });
}
