/**
 * What can be audited: one member per kind of event, each with the facts that a record of it
 * states. No event carries a secret, a token, a key or a claim's value.
 */
import type { ResourceId, RoleId } from '../ids.ts';

interface Occurrence {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly at: number;
  /** Joins the record to the access log and to the answer's `X-Request-Id`. */
  readonly requestId: string;
  readonly clientIp: string;
  readonly outcome: 'success' | 'failure';
  /** Why it failed, for operators. */
  readonly error?: string;
}

/** An attempt to prove an identity, or to administer an authenticator. */
export interface AuthenticationEvent extends Occurrence {
  readonly type: 'authn';
  readonly operation: 'authenticate' | 'login' | 'validate-status' | 'update-authenticator-configuration';
  /** The role as far as it is known: a full id, `…:user:USERNAME_MISSING` before it is. */
  readonly role: string;
  /** Whether that role exists; a record of a failure hides the name of one that does not. */
  readonly roleExists: boolean;
  /** For example `authn-oidc`. */
  readonly authenticator: string;
  /** Full id of the webservice, for example `acct:webservice:conjur/authn-oidc/okta`. */
  readonly service: string;
}

/** A secret was read, or the attempt refused. */
export interface FetchEvent extends Occurrence {
  readonly type: 'fetch';
  readonly role: RoleId;
  readonly resource: string;
  /** The version asked for, where one was. */
  readonly version?: number;
}

/** A secret was written, or the attempt refused. */
export interface UpdateEvent extends Occurrence {
  readonly type: 'update';
  readonly role: RoleId;
  readonly resource: string;
}

/**
 * What a policy change is about, by the names that Conjur's records use: a role; who holds it, as
 * a member or as the owner of the resource of that name; a resource; an annotation of one; a
 * permission on one.
 */
export type PolicySubject =
  | { readonly role: RoleId; readonly member?: RoleId }
  | { readonly role: RoleId; readonly owner: RoleId }
  | { readonly resource: ResourceId; readonly annotation?: string }
  | { readonly resource: ResourceId; readonly role: RoleId; readonly privilege: string };

/** A policy load added, changed or removed one thing; or a load failed as a whole (then no subject). */
export interface PolicyEvent extends Occurrence {
  readonly type: 'policy';
  readonly role: RoleId;
  readonly policy: string;
  /** Absent where the change was not made by a load of policy text. */
  readonly policyVersion?: number;
  /** What was done; for a load that failed, the privilege that it takes: `create`, or `update`. */
  readonly operation: 'add' | 'change' | 'remove' | 'create' | 'update';
  readonly subject?: PolicySubject;
}

/** A permission was asked about. */
export interface CheckEvent extends Occurrence {
  readonly type: 'check';
  readonly role: RoleId;
  readonly subjectRole: string;
  readonly resource: string;
  readonly privilege: string;
  readonly allowed: boolean;
}

/** A password was changed. */
export interface PasswordEvent extends Occurrence {
  readonly type: 'password';
  readonly role: RoleId;
}

/** An API key was replaced. */
export interface ApiKeyEvent extends Occurrence {
  readonly type: 'api-key';
  readonly role: RoleId;
  /** Whose key it is. */
  readonly subjectRole: string;
}

/** Somebody asked who they are. */
export interface WhoamiEvent extends Occurrence {
  readonly type: 'identity-check';
  readonly role: RoleId;
}

/** A stored value did not open: altered, swapped, or sealed under another key. */
export interface IntegrityEvent extends Occurrence {
  readonly type: 'integrity';
  readonly role: string;
  readonly record: string;
}

export type AuditEvent =
  | AuthenticationEvent
  | FetchEvent
  | UpdateEvent
  | PolicyEvent
  | CheckEvent
  | PasswordEvent
  | ApiKeyEvent
  | WhoamiEvent
  | IntegrityEvent;
