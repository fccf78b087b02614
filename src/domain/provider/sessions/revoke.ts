import { keptSessions } from './find.ts';
import {
  familyOf,
  hashOfSession,
  isSessionToken,
  revokedEntryKey,
  sessionEntryKey,
  type Session,
  type SessionServices,
} from './session.ts';

/**
 * Ends a session, and with it its children, at once and in every process, whether or not its role still exists.
 * @returns the session that has ended; undefined where there was none
 * @throws LatchkeyError `STORE_UNAVAILABLE`: the session may have ended all the same
 */
export async function revokeSession(services: SessionServices, token: string): Promise<Session | undefined> {
  if (!isSessionToken(token)) return undefined;
  const hash = hashOfSession(token);
  const [session] = await keptSessions(services, [hash]);
  if (session === undefined) return undefined;
  const { account, createdAt, maxTtlSeconds, ancestors, renewable } = session;
  if (renewable) {
    const couldLiveMs = createdAt + maxTtlSeconds * 1_000 - services.clock.now();
    const mark = { key: revokedEntryKey(hash), value: new Uint8Array(), ttlMs: Math.max(1, couldLiveMs) };
    await services.ephemeral.put(account, [mark]);
  }
  await services.ephemeral.remove(account, [sessionEntryKey(hash)]);
  // Of other sessions no descendant holds any more, either; what is left of them expires.
  if (ancestors.length === 0) await services.ephemeral.removeGroup(account, familyOf(hash, session));
  return session;
}
