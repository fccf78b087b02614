import { LatchkeyError } from '../../errors.ts';
import { findLive, keptSessions, type FoundSession } from './find.ts';
import { entryOf, type SessionServices } from './session.ts';

/**
 * Makes a session live on from now: for as long as is asked, or as it was made for, but no longer than
 * it may live in all, nor than those that it ends with. So it may end earlier than before.
 * @param incrementSeconds how long it is to live from now; what is not above 0 counts as not given
 * @returns the session as it is now; undefined where {@link findSession} finds none, or it was revoked meanwhile
 * @throws LatchkeyError `SESSION_NOT_RENEWABLE`
 * @throws LatchkeyError `ORIGIN_REFUSED`, `STORE_UNAVAILABLE`
 */
export async function renewSession(
  services: SessionServices,
  token: string,
  clientIp: string,
  incrementSeconds?: number,
): Promise<FoundSession | undefined> {
  const live = await findLive(services, token, clientIp);
  if (live === undefined) return undefined;
  const { session, hash, ancestorsExpireAt, view } = live;
  if (!session.renewable) throw new LatchkeyError('SESSION_NOT_RENEWABLE');
  const asked =
    incrementSeconds !== undefined && incrementSeconds > 0 ? incrementSeconds : session.ttlSeconds;
  const expiresAt = Math.min(
    services.clock.now() + asked * 1_000,
    session.createdAt + session.maxTtlSeconds * 1_000,
    ancestorsExpireAt,
  );
  const renewed = { ...session, expiresAt };
  await services.ephemeral.put(session.account, [entryOf(services, hash, renewed)]);
  const [kept] = await keptSessions(services, [hash]);
  return kept && { session: renewed, view };
}
