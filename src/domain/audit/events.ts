/**
 * What can be audited: one member per kind of event, each with the facts that a record of it
 * states. No event carries a secret, a token, a key or a claim's value.
 */
import type { ResourceId, RoleId } from '../ids.ts';
import type { Occurrence } from './occurrence.ts';
import type { RecordedParameters } from './parameters.ts';
import type { ProviderEvent, RegistryEvent, SessionEvent } from './provider-events.ts';

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

/**
 * A policy load added, changed or removed one thing; or a load failed as a whole, or was only
 * tried (`validate`), or a policy was read (then no subject).
 */
export interface PolicyEvent extends Occurrence {
  readonly type: 'policy';
  readonly role: RoleId;
  /** Absent where a change of a membership failed before its policy was known. */
  readonly policy?: string;
  /** Absent where the change was not made by a load of policy text. */
  readonly policyVersion?: number;
  /** What was done; for a load that failed, the privilege that it takes: `create`, or `update`. */
  readonly operation: 'add' | 'change' | 'remove' | 'create' | 'update' | 'validate' | 'read';
  readonly subject?: PolicySubject;
  /** Of a policy that was read: what was asked for, by Conjur's names. */
  readonly parameters?: RecordedParameters;
}

/** Resources (`list`), who holds a role (`members`) or what a role holds (`membership`) were listed. */
export interface ListEvent extends Occurrence {
  readonly type: 'list' | 'members' | 'membership';
  readonly role: RoleId;
  /** What was asked for, by Conjur's names and as it was given. */
  readonly parameters: RecordedParameters;
}

/** All about a resource but its values was shown. */
export interface ShowEvent extends Occurrence {
  readonly type: 'resource';
  readonly role: RoleId;
  readonly resource: string;
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

/** A host-factory token was made or revoked, or a host made (or its key replaced) with one. */
export interface HostFactoryEvent extends Occurrence {
  readonly type: 'host-factory';
  readonly operation: 'create-token' | 'revoke-token' | 'create-host' | 'rotate-host';
  /** Who acted: whoever made or revoked the token; for a host the factory, as far as it is known. */
  readonly role: string;
  readonly hostFactory: string;
  /** Full id of the host, where it is about one. */
  readonly subjectRole?: string;
}

/** A certificate was issued, or the attempt refused. */
export interface CertificateEvent extends Occurrence {
  readonly type: 'certificate';
  readonly role: RoleId;
  /** Full id of the webservice that stands for the certificate authority. */
  readonly service: string;
  /** In hexadecimal; absent where none was issued. */
  readonly serial?: string;
}

/** An issuer of dynamic secrets was made, shown, listed, changed or removed, or the attempt refused. */
export interface IssuerEvent extends Occurrence {
  readonly type: 'issuer';
  readonly operation: 'add' | 'fetch' | 'fetch minimum' | 'list' | 'update' | 'remove';
  readonly role: RoleId;
  readonly account: string;
  /** The id as it was given, `*` for all; empty where there was none. */
  readonly issuer: string;
}

/** A variable went because the issuer of its values did. */
export interface IssuerVariableEvent extends Occurrence {
  readonly type: 'variable';
  readonly role: RoleId;
  readonly account: string;
  readonly issuer: string;
  readonly resource: ResourceId;
}

/**
 * Accounts were listed, one was made or removed, or the key of who may do so was renewed; or all of
 * them went into a backup, or came out of one.
 */
export interface AccountEvent extends Occurrence {
  readonly type: 'account';
  readonly operation: 'list' | 'create' | 'delete' | 'renew-operator' | 'backup' | 'restore';
  readonly role: RoleId;
  /** The account's name as it was given. */
  readonly account?: string;
}

/**
 * A key of the service itself was replaced, or one that was replaced went for good: the data key that values
 * are sealed under, or the key that an account's access tokens are signed with. The first event of a
 * data key's rotation is its beginning, and it ends with the older key's retirement.
 */
export interface KeyEvent extends Occurrence {
  readonly type: 'key';
  readonly operation: 'rotate-data-key' | 'retire-data-key' | 'rotate-signing-key' | 'revoke-signing-key';
  readonly role: RoleId;
  /** Of a signing key. */
  readonly account?: string;
  /** The id of the key that is new, or that is gone; never the key. Absent where it came to nothing. */
  readonly key?: string;
}

/** A branch, a membership or an authenticator was managed over the versioned API, or the attempt refused. */
export interface ManagementEvent extends Occurrence {
  readonly type: 'management';
  readonly operation: 'list' | 'get' | 'create' | 'update' | 'remove' | 'enable' | 'delete';
  readonly role: RoleId;
  /** `branch`, `membership`, `authenticators`, `authn-oidc`: the message id of the record. */
  readonly resourceType: string;
  /** What it was about, as the request named it; empty where it named nothing. */
  readonly name: string;
  /** The path of the request. */
  readonly path: string;
  /** What was sent, on one line and without secrets. */
  readonly body?: string;
}

export type AuditEvent =
  | AuthenticationEvent
  | FetchEvent
  | UpdateEvent
  | PolicyEvent
  | ListEvent
  | ShowEvent
  | CheckEvent
  | PasswordEvent
  | ApiKeyEvent
  | WhoamiEvent
  | IntegrityEvent
  | HostFactoryEvent
  | ManagementEvent
  | CertificateEvent
  | IssuerEvent
  | IssuerVariableEvent
  | AccountEvent
  | KeyEvent
  | RegistryEvent
  | ProviderEvent
  | SessionEvent;
