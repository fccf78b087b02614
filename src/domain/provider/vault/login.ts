import { provenBy, type Presented, type Proven } from '../../authn/login.ts';
import { isFailure, LatchkeyError } from '../../errors.ts';
import { loginOf } from '../../ids.ts';
import type { RequestContext } from '../../request.ts';
import type { Services } from '../../services.ts';
import { signsIn } from '../identity/subject.ts';
import { startSession } from '../sessions/start.ts';
import {
  auditedSession,
  sessionFacts,
  sessionMaxTtlSeconds,
  sessionTtlSeconds,
  type TokenFacts,
  type TokenServices,
} from './tokens.ts';

const method = 'authn';

/**
 * Logs a user or host in by its password or API key and starts a session. The attempt is audited as a
 * login, the session by itself; whoever fails too often has to wait.
 * @throws LatchkeyError `VAULT_LOGIN_FAILED`: an unknown login, a wrong password, or an address that the role is
 *   not to come from; the caller cannot tell which
 * @throws LatchkeyError `ATTEMPTS_EXCEEDED`, `OVERLOADED`
 * @see Vault: POST auth/userpass/login/:username
 */
export async function logIn(
  services: TokenServices & Pick<Services, 'passwords' | 'attempts'>,
  request: RequestContext,
  presented: Presented,
): Promise<TokenFacts> {
  const { account } = services.settings;
  try {
    return await provenBy(services, request, account, presented, async (proven) =>
      beginSession(services, request, proven),
    );
  } catch (cause) {
    const refused = isFailure(cause) && cause.kind === 'unauthenticated';
    if (!refused || cause.code === 'ATTEMPTS_EXCEEDED') throw cause;
    throw new LatchkeyError('VAULT_LOGIN_FAILED', { cause });
  }
}

async function beginSession(
  services: TokenServices,
  request: RequestContext,
  { role, view }: Proven,
): Promise<TokenFacts> {
  return auditedSession(services, request, 'start', { role, method }, async () => {
    if (!signsIn(role)) throw new LatchkeyError('CREDENTIALS_INVALID');
    const { token, session } = await startSession(services, {
      role,
      clientIp: request.clientIp,
      method,
      credentialRevision: view.credentialRevision,
      form: 'vault',
      ttlSeconds: sessionTtlSeconds,
      maxTtlSeconds: sessionMaxTtlSeconds,
      renewable: true,
      displayName: `userpass-${loginOf(role)}`,
    });
    return sessionFacts(services, token, session);
  });
}
