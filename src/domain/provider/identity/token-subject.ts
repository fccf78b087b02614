import type { AccountState } from '../../accounts/account-state.ts';
import { LatchkeyError } from '../../errors.ts';
import type { Actor } from '../../request.ts';

/** By how much the clocks of two processes may differ. */
export const clockLeewaySeconds = 5;

/**
 * Makes sure that an access token was not issued to an earlier role of the same name: what begins with
 * it, sessions and sign-ins, goes on for longer than it, and would be of somebody else. Of a session that
 * is known already.
 * @throws LatchkeyError `ACCESS_TOKEN_ROLE_GONE`
 */
export function requireSameRole(
  { graph }: Pick<AccountState, 'graph'>,
  { role, kid, issuedAt }: Pick<Actor, 'role' | 'kid' | 'issuedAt'>,
): void {
  const createdAt = graph.role(role)?.createdAt ?? Infinity;
  if (kid !== undefined && createdAt > (issuedAt + clockLeewaySeconds) * 1_000) {
    throw new LatchkeyError('ACCESS_TOKEN_ROLE_GONE');
  }
}
