import type { AccountView } from '../../accounts/authority.ts';
import { inAccount } from '../../accounts/in-account.ts';
import { originAllowed } from '../../cidr.ts';
import { LatchkeyError } from '../../errors.ts';
import { credentialRevisionIn } from '../../records/credentials.ts';
import { credentialKey } from '../../records/keys.ts';
import {
  hashOfSession,
  isSessionToken,
  revokedEntryKey,
  sessionEntryKey,
  sessionIn,
  type KeptSession,
  type Session,
  type SessionServices,
} from './session.ts';

/** A session that holds, and the account that it was judged by. */
export interface FoundSession {
  readonly session: Session;
  /** Its only record is the role's credential. */
  readonly view: AccountView;
}

/** A session that holds, with what its renewal needs. */
export interface LiveSession extends FoundSession {
  readonly session: KeptSession;
  readonly hash: string;
  /** When the first of those expires that it ends with; Infinity where there are none. */
  readonly ancestorsExpireAt: number;
}

/**
 * The session of a token. There is none, and a caller cannot tell why, where the token is none or unknown;
 * where the session, or one that it ends with, has expired or was revoked; where the role is gone, or was made
 * again; and where the role's credential was changed since the login: its API key, its password or
 * its restriction.
 * @param token at most some hundred characters of any kind
 * @throws LatchkeyError `ORIGIN_REFUSED`: the role is restricted to other addresses
 * @throws LatchkeyError `STORE_UNAVAILABLE`, `SEALED_VALUE_INVALID`
 */
export async function findSession(
  services: SessionServices,
  token: string,
  clientIp: string,
): Promise<FoundSession | undefined> {
  return findLive(services, token, clientIp);
}

/** As {@link findSession}, with what this folder needs besides. */
export async function findLive(
  services: SessionServices,
  token: string,
  clientIp: string,
): Promise<LiveSession | undefined> {
  if (!isSessionToken(token)) return undefined;
  const hash = hashOfSession(token);
  const [session] = await keptSessions(services, [hash]);
  if (session === undefined) return undefined;
  const ancestors = await keptSessions(services, session.ancestors);
  if (ancestors.some((ancestor) => ancestor === undefined)) return undefined;
  const ancestorsExpireAt = Math.min(...ancestors.map((ancestor) => ancestor?.expiresAt ?? 0));

  const { account, role, roleCreatedAt, credentialRevision } = session;
  const reading = services.authority.read(account, [credentialKey(role)]);
  const view = await inAccount(reading, () => undefined);
  if (view === undefined || view.state.graph.role(role)?.createdAt !== roleCreatedAt) return undefined;
  if (credentialRevisionIn(view.records[0]) !== credentialRevision) return undefined;
  if (!originAllowed(view.state.graph.restrictedTo(role), clientIp))
    throw new LatchkeyError('ORIGIN_REFUSED');
  return { session, view, hash, ancestorsExpireAt };
}

/** The sessions with these hashes, as they are kept; undefined where one has expired or was revoked. */
export async function keptSessions(
  services: SessionServices,
  hashes: readonly string[],
): Promise<readonly (KeptSession | undefined)[]> {
  if (hashes.length === 0) return [];
  const keys = [...hashes.map(sessionEntryKey), ...hashes.map(revokedEntryKey)];
  const records = await services.ephemeral.get(services.settings.account, keys);
  return hashes.map((hash, index) => {
    const record = records[index];
    if (record === undefined || records[hashes.length + index] !== undefined) return undefined;
    const session = sessionIn(services, hash, record.value);
    return session !== undefined && session.expiresAt > services.clock.now() ? session : undefined;
  });
}
