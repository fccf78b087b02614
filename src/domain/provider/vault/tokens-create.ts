import { LatchkeyError } from '../../errors.ts';
import type { ActorRequest } from '../../request.ts';
import { countChildSession } from '../sessions/child-limit.ts';
import { startChildSession } from '../sessions/child.ts';
import { isSessionToken } from '../sessions/session.ts';
import { startSession, type StartedSession } from '../sessions/start.ts';
import { auditedSession, lookUpToken, sessionFacts, type TokenFacts, type TokenServices } from './tokens.ts';

/** What is asked of a new token; what is left out is as the caller's. */
export interface WantedToken {
  readonly ttlSeconds?: number | undefined;
  readonly explicitMaxTtlSeconds?: number | undefined;
  readonly renewable?: boolean | undefined;
  readonly displayName?: string | undefined;
}

const maxDisplayNameCharacters = 256;

/**
 * Makes a token of the caller's role that ends with the caller's own at the latest: by expiry as by
 * revocation. One that is made of an access token, which has no session, ends when that expires.
 * @throws LatchkeyError `SESSION_NESTED_TOO_DEEPLY`, `SESSIONS_EXCEEDED`
 * @throws LatchkeyError those of `lookUpToken`
 * @see Vault: POST auth/token/create
 */
export async function createToken(
  services: TokenServices,
  request: ActorRequest,
  token: string,
  wanted: WantedToken,
): Promise<TokenFacts> {
  const parent = await lookUpToken(services, request, token);
  return auditedSession(services, request, 'start', parent, async () => {
    await countChildSession(services, parent.role);
    const started = isSessionToken(token)
      ? await ofSession(services, request, token, wanted)
      : await ofAccessToken(services, request, parent, wanted);
    return sessionFacts(services, started.token, started.session);
  });
}

async function ofSession(
  services: TokenServices,
  { clientIp }: ActorRequest,
  token: string,
  { ttlSeconds, explicitMaxTtlSeconds, renewable, displayName }: WantedToken,
): Promise<StartedSession> {
  const started = await startChildSession(services, token, clientIp, {
    form: 'vault',
    displayName: nameOf(displayName),
    ...(isGiven(ttlSeconds) ? { ttlSeconds } : {}),
    ...(isGiven(explicitMaxTtlSeconds) ? { maxTtlSeconds: explicitMaxTtlSeconds } : {}),
    ...(renewable === undefined ? {} : { renewable }),
  });
  if (started === undefined) throw new LatchkeyError('ACCESS_TOKEN_INVALID');
  return started;
}

async function ofAccessToken(
  services: TokenServices,
  { clientIp }: ActorRequest,
  { role, method, ttlSeconds: left, authenticatedAt }: TokenFacts,
  { ttlSeconds, explicitMaxTtlSeconds, displayName }: WantedToken,
): Promise<StartedSession> {
  const wanted = [ttlSeconds, explicitMaxTtlSeconds].filter((seconds) => isGiven(seconds));
  const lifeSeconds = Math.min(left, ...wanted);
  if (lifeSeconds < 1) throw new LatchkeyError('ACCESS_TOKEN_EXPIRED');
  return startSession(services, {
    role,
    clientIp,
    method,
    form: 'vault',
    ttlSeconds: lifeSeconds,
    maxTtlSeconds: lifeSeconds,
    renewable: false,
    displayName: nameOf(displayName),
    authenticatedAt,
  });
}

/** As in Vault, 0 means that nothing was asked. */
function isGiven(seconds: number | undefined): seconds is number {
  return seconds !== undefined && seconds > 0;
}

function nameOf(displayName = ''): string {
  const kept = displayName.replace(/[^\w.-]/g, '-').slice(0, maxDisplayNameCharacters);
  return kept === '' ? 'token' : `token-${kept}`;
}
