/**
 * What a policy text says, in two forms. A **statement** is what was written: ids relative,
 * owners left out, lists as lists. A **resolved policy** is what it means in one account and
 * branch: full ids, owners, one entry per pair; the input of the planner.
 */
import type { Account, ResourceId, RoleId } from '../ids.ts';
import type { Position } from '../errors.ts';
import type { RecordTag } from './tags.ts';

/** A record as written: a definition, or a reference to one (a reference uses tag, id, kind only). */
export interface RecordNode {
  readonly tag: RecordTag;
  readonly at: Position;
  /** undefined or blank: the id of the enclosing policy. */
  readonly id: string | undefined;
  /** Only for the generic tags `role` and `resource`. */
  readonly kind: string | undefined;
  readonly account: string | undefined;
  readonly owner: RecordNode | undefined;
  readonly annotations: readonly AnnotationNode[];
  readonly restrictedTo: readonly string[] | undefined;
  readonly publicKeys: readonly string[];
  readonly layers: readonly RecordNode[] | undefined;
  readonly body: readonly Statement[];
  /** `body:` was written with nothing below it, which mostly means a list that starts too far left. */
  readonly bodyLeftEmpty: boolean;
  /** It or something around it carries an anchor, so that aliases may lead to this very object. */
  readonly shared: boolean;
}

export interface AnnotationNode {
  readonly name: string;
  readonly value: string;
  readonly at: Position;
}

export interface MemberNode {
  readonly role: RecordNode;
  /** undefined: not said. */
  readonly admin: boolean | undefined;
  readonly at: Position;
}

export type Statement =
  | RecordNode
  | {
      readonly tag: 'grant';
      readonly at: Position;
      readonly roles: readonly RecordNode[];
      readonly members: readonly MemberNode[];
    }
  | {
      readonly tag: 'revoke';
      readonly at: Position;
      readonly roles: readonly RecordNode[];
      readonly members: readonly RecordNode[];
    }
  | {
      readonly tag: 'permit' | 'deny';
      readonly at: Position;
      readonly roles: readonly RecordNode[];
      readonly privileges: readonly string[];
      readonly resources: readonly RecordNode[];
    }
  | { readonly tag: 'delete'; readonly at: Position; readonly record: RecordNode | undefined };

/** A record to make, resolved. */
export interface Definition {
  readonly tag: RecordTag;
  /** `account:kind:identifier`. */
  readonly id: string;
  readonly kind: string;
  readonly hasRole: boolean;
  readonly hasResource: boolean;
  /** Of the resource; unused when there is none. */
  readonly owner: RoleId;
  /** In order; a later entry of the same name has already replaced an earlier one. */
  readonly annotations: readonly AnnotationNode[];
  /** Canonical CIDRs; undefined when the attribute was left out. */
  readonly restrictedTo: readonly string[] | undefined;
  readonly publicKeys: readonly PublicKeyLine[];
  /** Layers that hosts of a host factory join; empty for other tags. */
  readonly layers: readonly RoleId[];
  /** The implied wrapper of a branch load: present only to own and to be referred to. */
  readonly implied: boolean;
  readonly at: Position;
}

export interface PublicKeyLine {
  /** The third word and what follows. */
  readonly name: string;
  readonly line: string;
}

export interface GrantEntry {
  readonly role: RoleId;
  readonly member: RoleId;
  readonly admin: boolean;
  /** Where the member is named. */
  readonly at: Position;
  /** Where the role is named, if not at the same place. */
  readonly roleAt?: Position;
}
export interface RevokeEntry {
  readonly role: RoleId;
  readonly member: RoleId;
  readonly at: Position;
}
export interface PermissionEntry {
  readonly role: RoleId;
  readonly privilege: string;
  readonly resource: ResourceId;
  readonly at: Position;
  /** Where the role and the resource are named, if not at the place of the statement. */
  readonly roleAt?: Position;
  readonly resourceAt?: Position;
}
export interface DeleteEntry {
  /** `account:kind:identifier`. */
  readonly id: string;
  readonly at: Position;
}

/** A user that a text defines, or names where only what is its own may stand, and the policy that it stands in. */
export interface OwnUser {
  readonly user: ResourceId;
  /** An identifier; the one that the name of the user is made of. */
  readonly policy: string;
  readonly at: Position;
}

/** A policy's meaning in one branch. Lists are in the order in which they apply: owners precede what they own. */
export interface ResolvedPolicy {
  readonly account: Account;
  /** The policy that the text is loaded to. */
  readonly branch: ResourceId;
  readonly definitions: readonly Definition[];
  readonly grants: readonly GrantEntry[];
  readonly permits: readonly PermissionEntry[];
  readonly revokes: readonly RevokeEntry[];
  readonly denies: readonly PermissionEntry[];
  readonly deletes: readonly DeleteEntry[];
  /** Absent where no text was read. */
  readonly ownUsers?: readonly OwnUser[];
  /** For the answer: annotations that look like attributes. */
  readonly warnings: readonly string[];
}
