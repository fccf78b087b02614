/** Who asks, and from where: what every use case needs to know of a request. */
import type { Account, RoleId } from './ids.ts';

export interface RequestContext {
  /** Joins answer, log and audit records. */
  readonly requestId: string;
  /** The client's address, proxies taken into account. */
  readonly clientIp: string;
}

/** The role that an access token speaks for. */
export interface Actor {
  /** The account whose key signed the token; never taken from the URL. */
  readonly account: Account;
  readonly role: RoleId;
  /** The key id under which the token was signed; absent where no token was: the role has a session. */
  readonly kid?: string;
  /** Seconds since the epoch. */
  readonly issuedAt: number;
}

export interface ActorRequest extends RequestContext {
  readonly actor: Actor;
}
