/** Tokens by which somebody goes on: `t-…` of a session, or an access token of the service's own. */
import { credentialRevisionIn } from '../../records/credentials.ts';
import type { AccountView } from '../../accounts/authority.ts';
import { actorView } from '../../actor-view.ts';
import { audited } from '../../audited.ts';
import type { SessionEvent } from '../../audit/provider-events.ts';
import { LatchkeyError } from '../../errors.ts';
import { loginOf, type Account } from '../../ids.ts';
import { occurrence } from '../../occurrence.ts';
import type { Actor, RequestContext } from '../../request.ts';
import type { Services } from '../../services.ts';
import { requireSameRole } from '../identity/token-subject.ts';
import { findSession } from '../sessions/find.ts';
import { actorOfSession, isSessionToken } from '../sessions/session.ts';
import { startSession } from '../sessions/start.ts';
import { proveByMethod } from './authenticate.ts';
import type { MethodServices, PresentedProof } from './proof.ts';

/** As with Akeyless' tokens; they are not renewed. */
const sessionTtlSeconds = 60 * 60;

/**
 * Authenticates, and starts a session of an hour.
 * @returns the token: `t-` and 32 hexadecimal digits
 * @throws LatchkeyError those of {@link proveByMethod}, `ORIGIN_REFUSED`, `STORE_UNAVAILABLE`
 * @see Akeyless: auth
 */
export async function beginSession(
  services: MethodServices,
  request: RequestContext,
  account: Account,
  proof: PresentedProof,
): Promise<string> {
  const { role, authenticator, ...proven } = await proveByMethod(services, request, account, proof);
  const event = (failure: unknown): SessionEvent => ({
    type: 'session',
    ...occurrence(services, request, failure),
    operation: 'start',
    role,
    authenticator,
  });
  return audited(services.audit, event, async () => {
    const { token } = await startSession(services, {
      role,
      clientIp: request.clientIp,
      method: authenticator,
      ...proven,
      form: 'akeyless',
      ttlSeconds: sessionTtlSeconds,
      maxTtlSeconds: sessionTtlSeconds,
      renewable: false,
      displayName: loginOf(role),
    });
    return token;
  });
}

export interface TokenHolder {
  readonly actor: Actor;
  /** The authenticator that the role proved itself at; an access token does not say. */
  readonly authenticator: string | undefined;
  /** When it did, in seconds since the epoch. */
  readonly authTimeSeconds: number;
  /** Of the credential that the role had then, which a session ends with; an access token does not say. */
  readonly credentialRevision?: number;
}

type HolderServices = Pick<Services, 'authority' | 'ephemeral' | 'keyring' | 'clock' | 'settings' | 'tokens'>;

/**
 * Who holds a token, of the account whose provider this is.
 * @param token `t-…`, `s.…`, or an access token as JSON or in base64
 * @throws LatchkeyError the `ACCESS_TOKEN_*` errors: it is missing, unknown, expired, of another account, or its role is gone
 * @throws LatchkeyError `ORIGIN_REFUSED`: the role is restricted to other addresses
 */
export async function holderOf(
  services: HolderServices,
  { clientIp }: RequestContext,
  account: Account,
  token: string,
): Promise<TokenHolder> {
  if (token === '') throw new LatchkeyError('ACCESS_TOKEN_MISSING');
  if (isSessionToken(token)) {
    const found = await findSession(services, token, clientIp);
    if (found === undefined) throw new LatchkeyError('ACCESS_TOKEN_INVALID');
    const { session, view } = found;
    return {
      actor: actorOfSession(session),
      authenticator: session.method,
      authTimeSeconds: Math.floor(session.authenticatedAt / 1_000),
      credentialRevision: credentialRevisionIn(view.records[0]),
    };
  }
  const encoded = token.trimStart().startsWith('{') ? Buffer.from(token).toString('base64') : token;
  const actor = await services.tokens.verify(encoded, clientIp);
  if (actor.account !== account) throw new LatchkeyError('ACCESS_TOKEN_INVALID');
  return { actor, authenticator: undefined, authTimeSeconds: actor.issuedAt };
}

/**
 * Makes sure that the role of a token is still there, and no other of its name, and reads the account with it.
 * @throws LatchkeyError `ACCESS_TOKEN_ROLE_GONE`
 */
export async function viewOfHolder(
  services: Pick<Services, 'authority'>,
  { actor }: TokenHolder,
): Promise<AccountView> {
  const view = await actorView(services, actor, actor.account, []);
  requireSameRole(view.state, actor);
  return view;
}
