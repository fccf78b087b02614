/** What is audited of the OpenID Provider. */
import type { Occurrence } from './occurrence.ts';

/** Something in the registry was made, shown, listed, changed or removed, or a key rotated, or the attempt refused. */
export interface RegistryEvent extends Occurrence {
  readonly type: 'oidc-registry';
  readonly operation: 'create' | 'read' | 'list' | 'update' | 'delete' | 'rotate';
  /** Who acted: a role's full id, or `{account}:client:{client id}`. */
  readonly role: string;
  /** `keys`, `providers`, `scopes`, `clients`, `assignments`, `roles`, `config`, `policies`, `identities`. */
  readonly kind: string;
  /** The name or id as it was given; empty of a list. */
  readonly name: string;
}

/** The provider authorized somebody, issued tokens, told of a user, or ended what it had issued; or refused to. */
export interface ProviderEvent extends Occurrence {
  readonly type: 'oidc-provider';
  readonly operation:
    'authorize' | 'issue-tokens' | 'userinfo' | 'introspect' | 'revoke' | 'logout' | 'sign-identity-token';
  /** Whom it is about: a role's full id, `{account}:client:{client id}` of a client by itself, or `unknown`. */
  readonly role: string;
  /** The client id as it was given; empty where there was none. */
  readonly client: string;
  readonly issuer: string;
  /** The `grant_type` of a token request. */
  readonly grant?: string;
  /** The scopes granted, separated by blanks. */
  readonly scope?: string;
}

/** A session of the Vault or Akeyless dialect began, was prolonged or ended. Its login has a record of its own. */
export interface SessionEvent extends Occurrence {
  readonly type: 'session';
  readonly operation: 'start' | 'renew' | 'revoke';
  readonly role: string;
  /** The authenticator that the role proved itself with. */
  readonly authenticator: string;
}
