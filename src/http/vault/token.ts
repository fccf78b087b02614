/** Whose request it is, by the token that Vault's clients send. */
import type { IncomingHttpHeaders } from 'node:http';
import type { AccountView } from '../../domain/accounts/authority.ts';
import { actorView } from '../../domain/actor-view.ts';
import { LatchkeyError } from '../../domain/errors.ts';
import { requireSameRole } from '../../domain/provider/identity/token-subject.ts';
import { findSession } from '../../domain/provider/sessions/find.ts';
import { actorOfSession, isSessionToken, type Session } from '../../domain/provider/sessions/session.ts';
import type { Actor } from '../../domain/request.ts';
import type { Services } from '../../domain/services.ts';
import type { RequestContextOf } from '../context.ts';

/** A token that was good, and the account as of the read that showed it. */
export interface VaultToken {
  readonly actor: Actor;
  readonly view: AccountView;
  /** What the token is as it was presented. */
  readonly presented: string;
  /** Where the token is a session's and not an access token. */
  readonly session?: Session;
}

/** What a request's headers say of tokens. */
export interface PresentedToken {
  readonly token: string;
  /** Whether it came in `X-Vault-Token`; otherwise as `Authorization: Bearer`. */
  readonly byVaultHeader: boolean;
}

/**
 * The token of a request: `X-Vault-Token`, else what follows exactly `Bearer ` in `Authorization`.
 * Every other scheme is left to the endpoint.
 */
export function presentedToken(headers: IncomingHttpHeaders): PresentedToken | undefined {
  const own = headers['x-vault-token'];
  if (typeof own === 'string' && own !== '') return { token: own, byVaultHeader: true };
  const { authorization = '' } = headers;
  if (!authorization.startsWith('Bearer ')) return undefined;
  const token = authorization.slice('Bearer '.length).trim();
  return token === '' ? undefined : { token, byVaultHeader: false };
}

/**
 * Who makes a request: the role of a session, or of an access token of the provider's account.
 * @throws LatchkeyError `ACCESS_TOKEN_MISSING`: none was sent
 * @throws LatchkeyError the other `ACCESS_TOKEN_*` errors: it is of no use, or of another account
 * @throws LatchkeyError `ORIGIN_REFUSED`: the session's role is restricted to other addresses
 */
export async function vaultToken(services: Services, ctx: RequestContextOf): Promise<VaultToken> {
  const presented = presentedToken(ctx.req.headers)?.token;
  if (presented === undefined) throw new LatchkeyError('ACCESS_TOKEN_MISSING');
  const { clientIp } = ctx.state.request;
  if (isSessionToken(presented)) {
    const found = await findSession(services, presented, clientIp);
    if (found === undefined) throw new LatchkeyError('ACCESS_TOKEN_INVALID');
    const { session, view } = found;
    return { actor: actorOfSession(session), view, presented, session };
  }
  const actor = await services.tokens.verify(presented, clientIp);
  const { account } = services.settings;
  if (actor.account !== account) throw new LatchkeyError('ACCESS_TOKEN_INVALID');
  const view = await actorView(services, actor, account, []);
  requireSameRole(view.state, actor);
  return { actor, view, presented };
}
