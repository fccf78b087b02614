/** When somebody has to sign in, or to agree. */
import { interactionPolicy } from 'oidc-provider';
import { credentialStands } from '../../domain/provider/identity/credential-revision.ts';
import { exchangeOf, type Issuer } from './exchange.ts';

const { Check, base } = interactionPolicy;

/**
 * The library's policy, and: a session whose role is gone is none, nor is one from before the role's credential
 * was changed; nobody is asked to agree where the
 * dialect trusts its clients, unless the client itself wants it (`prompt=consent`).
 */
export function signInPolicy({
  services,
  spec: { consent },
}: Pick<Issuer, 'services' | 'spec'>): ReturnType<typeof base> {
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
  const credentialChanged = new Check(
    'credential_changed',
    'the credential of whoever is signed in was changed since',
    'login_required',
    async (ctx) => {
      const exchange = exchangeOf(ctx);
      const { session, account } = ctx.oidc;
      if (exchange === undefined || session?.accountId === undefined || account === undefined) return false;
      const { accountId } = session;
      return !(await credentialStands(services, exchange.view, { ...exchange, accountId }));
    },
  );
  policy.get('login')?.checks.add(credentialChanged);
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
