/**
 * The tokens of Vault's dialect: sessions, which begin with a login, and Conjur's access tokens, which are
 * taken wherever a session's token is. Whoever has a token may ask what it is and end it.
 */
import type { SessionEvent } from '../../audit/provider-events.ts';
import { audited } from '../../audited.ts';
import { actorView } from '../../actor-view.ts';
import { LatchkeyError } from '../../errors.ts';
import { loginOf, type RoleId } from '../../ids.ts';
import { occurrence } from '../../occurrence.ts';
import type { ActorRequest, RequestContext } from '../../request.ts';
import type { Services } from '../../services.ts';
import { expiryOf } from '../../tokens/access-tokens.ts';
import { identifierOf } from '../identity/subject.ts';
import { requireSameRole } from '../identity/token-subject.ts';
import { findSession } from '../sessions/find.ts';
import { renewSession } from '../sessions/renew.ts';
import { revokeSession } from '../sessions/revoke.ts';
import { isSessionToken, type Session } from '../sessions/session.ts';

export type TokenServices = Pick<
  Services,
  'authority' | 'ephemeral' | 'keyring' | 'clock' | 'settings' | 'audit' | 'tokens'
>;

/** How long a session lives after a login, and after a renewal that asks for nothing else. */
export const sessionTtlSeconds = 8 * 60 * 60;
/** How long it may live in all: Vault's own limit. */
export const sessionMaxTtlSeconds = 32 * 24 * 60 * 60;

/** What may be known of a token by whoever has it. */
export interface TokenFacts {
  readonly token: string;
  readonly role: RoleId;
  readonly entityId: string;
  /** The role's login. */
  readonly login: string;
  /** The authenticator that the role proved itself with. */
  readonly method: string;
  /** Names the session; empty of an access token. */
  readonly accessor: string;
  readonly displayName: string;
  /** Whether it came of another token. */
  readonly child: boolean;
  readonly renewable: boolean;
  /** When the role proved itself, in milliseconds since the epoch, as all times here. */
  readonly authenticatedAt: number;
  readonly createdAt: number;
  readonly expiresAt: number;
  /** How long it was made for. */
  readonly creationTtlSeconds: number;
  /** How long it still lives; whole seconds. */
  readonly ttlSeconds: number;
  /** How long it may live in all, where that is less than any other; else 0. */
  readonly explicitMaxTtlSeconds: number;
}

/**
 * What a token is: a session's, or an access token of the provider's account.
 * @throws LatchkeyError `ACCESS_TOKEN_INVALID` and the other `ACCESS_TOKEN_*`: it is of no use
 * @throws LatchkeyError `ORIGIN_REFUSED`: its role is restricted to other addresses
 * @see Vault: GET auth/token/lookup-self, POST auth/token/lookup
 */
export async function lookUpToken(
  services: TokenServices,
  { clientIp }: RequestContext,
  token: string,
): Promise<TokenFacts> {
  if (!isSessionToken(token)) return accessTokenFacts(services, clientIp, token);
  const found = await findSession(services, token, clientIp);
  if (found === undefined) throw new LatchkeyError('ACCESS_TOKEN_INVALID');
  return sessionFacts(services, token, found.session);
}

/**
 * Makes a session live on.
 * @param incrementSeconds how long from now; by default as long as it was made for
 * @throws LatchkeyError `VAULT_TOKEN_NOT_SESSION`, `SESSION_NOT_RENEWABLE`
 * @throws LatchkeyError those of {@link lookUpToken}
 * @see Vault: POST auth/token/renew-self
 */
export async function renewToken(
  services: TokenServices,
  request: ActorRequest,
  token: string,
  incrementSeconds?: number,
): Promise<TokenFacts> {
  const before = await lookUpToken(services, request, token);
  return auditedSession(services, request, 'renew', before, async () => {
    if (!isSessionToken(token)) throw new LatchkeyError('VAULT_TOKEN_NOT_SESSION');
    const renewed = await renewSession(services, token, request.clientIp, incrementSeconds);
    if (renewed === undefined) throw new LatchkeyError('ACCESS_TOKEN_INVALID');
    return sessionFacts(services, token, renewed.session);
  });
}

/**
 * Ends a session, and with it all that came of it.
 * @throws LatchkeyError `VAULT_TOKEN_NOT_SESSION`
 * @throws LatchkeyError those of {@link lookUpToken}
 * @see Vault: POST auth/token/revoke-self, POST auth/token/revoke
 */
export async function revokeToken(
  services: TokenServices,
  request: ActorRequest,
  token: string,
): Promise<void> {
  const before = await lookUpToken(services, request, token);
  await auditedSession(services, request, 'revoke', before, async () => {
    if (!isSessionToken(token)) throw new LatchkeyError('VAULT_TOKEN_NOT_SESSION');
    await revokeSession(services, token);
  });
}

/** Runs what begins, prolongs or ends a session and records it, whatever the outcome. */
export async function auditedSession<T>(
  services: Pick<Services, 'audit' | 'clock'>,
  request: RequestContext,
  operation: SessionEvent['operation'],
  { role, method }: Pick<TokenFacts, 'role' | 'method'>,
  act: () => Promise<T>,
): Promise<T> {
  const event = (failure: unknown): SessionEvent => ({
    type: 'session',
    ...occurrence(services, request, failure),
    operation,
    role,
    authenticator: method,
  });
  return audited(services.audit, event, act);
}

export function sessionFacts(
  { clock }: Pick<Services, 'clock'>,
  token: string,
  session: Session,
): TokenFacts {
  const { role, roleCreatedAt, accessor, displayName, renewable, maxTtlSeconds } = session;
  const { authenticatedAt, createdAt, expiresAt } = session;
  return {
    token,
    role,
    entityId: identifierOf({ role, createdAt: roleCreatedAt }),
    login: loginOf(role),
    method: session.method,
    accessor,
    displayName,
    child: session.parent !== undefined,
    renewable,
    authenticatedAt,
    createdAt,
    expiresAt,
    creationTtlSeconds: session.ttlSeconds,
    // Rounded up, so that a new session is told to live as long as it was made for.
    ttlSeconds: Math.max(0, Math.ceil((expiresAt - clock.now()) / 1_000)),
    explicitMaxTtlSeconds: maxTtlSeconds < sessionMaxTtlSeconds ? maxTtlSeconds : 0,
  };
}

async function accessTokenFacts(
  services: TokenServices,
  clientIp: string,
  token: string,
): Promise<TokenFacts> {
  const { account } = services.settings;
  const actor = await services.tokens.verify(token, clientIp);
  if (actor.account !== account) throw new LatchkeyError('ACCESS_TOKEN_INVALID');
  const { state } = await actorView(services, actor, account, []);
  const row = state.graph.role(actor.role);
  if (row === undefined) throw new LatchkeyError('ACCESS_TOKEN_ROLE_GONE');
  requireSameRole(state, actor);
  const expiresAtSeconds = expiryOf(token);
  return {
    token,
    role: actor.role,
    entityId: identifierOf(row),
    login: loginOf(actor.role),
    // An access token does not say which it was.
    method: 'authn',
    accessor: '',
    displayName: loginOf(actor.role),
    child: false,
    renewable: false,
    authenticatedAt: actor.issuedAt * 1_000,
    createdAt: actor.issuedAt * 1_000,
    expiresAt: expiresAtSeconds * 1_000,
    creationTtlSeconds: expiresAtSeconds - actor.issuedAt,
    ttlSeconds: Math.max(0, expiresAtSeconds - Math.ceil(services.clock.now() / 1_000)),
    explicitMaxTtlSeconds: expiresAtSeconds - actor.issuedAt,
  };
}
