/** When somebody has to sign in, or to agree. */
import { interactionPolicy } from 'oidc-provider';
import type { IssuerSpec } from './types.ts';

const { Check, base } = interactionPolicy;

/**
 * The library's policy, and: a session whose role is gone is none; nobody is asked to agree where the
 * dialect trusts its clients, unless the client itself wants it (`prompt=consent`).
 */
export function signInPolicy({ consent }: Pick<IssuerSpec, 'consent'>): ReturnType<typeof base> {
  const policy = base();
  const roleGone = new Check(
    'role_gone',
    'the session is of nobody that is still there',
    'login_required',
    (ctx) => {
      const { session, account, result } = ctx.oidc;
      const signedIn = session?.accountId !== undefined;
      return signedIn && account === undefined && result?.login === undefined;
    },
  );
  policy.get('login')?.checks.add(roleGone);
  if (!consent) {
    const checks = policy.get('consent')?.checks;
    for (const reason of [
      'native_client_prompt',
      'op_scopes_missing',
      'op_claims_missing',
      'rs_scopes_missing',
    ]) {
      checks?.remove(reason);
    }
  }
  return policy;
}
