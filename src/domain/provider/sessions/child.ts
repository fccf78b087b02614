import { LatchkeyError } from '../../errors.ts';
import { findLive } from './find.ts';
import { keepNew, type StartedSession } from './start.ts';
import type { SessionServices, TokenForm } from './session.ts';

/** Each is looked at whenever the youngest is used. */
const maxAncestors = 16;

export interface NewChildSession {
  readonly form: TokenForm;
  /** At least 1; the parent's by default, and where it is more. */
  readonly ttlSeconds?: number;
  /** At least 1; the parent's by default, and where it is more. */
  readonly maxTtlSeconds?: number;
  /** As the parent by default; never where the parent is not. */
  readonly renewable?: boolean;
  /** The parent's by default. */
  readonly displayName?: string;
}

/**
 * Starts a session of the same role and login that ends with its parent at the latest.
 * @returns undefined where {@link findSession} finds no parent
 * @throws LatchkeyError `SESSION_NESTED_TOO_DEEPLY`: over 16 sessions, each the child of the one before
 * @throws LatchkeyError `ORIGIN_REFUSED`, `STORE_UNAVAILABLE`
 * @see Vault: POST /auth/token/create
 */
export async function startChildSession(
  services: SessionServices,
  parentToken: string,
  clientIp: string,
  wanted: NewChildSession,
): Promise<StartedSession | undefined> {
  const live = await findLive(services, parentToken, clientIp);
  if (live === undefined) return undefined;
  const { session: parent, hash, ancestorsExpireAt } = live;
  if (parent.ancestors.length === maxAncestors) throw new LatchkeyError('SESSION_NESTED_TOO_DEEPLY');
  const createdAt = services.clock.now();
  const maxTtlSeconds = Math.min(wanted.maxTtlSeconds ?? parent.maxTtlSeconds, parent.maxTtlSeconds);
  const ttlSeconds = Math.min(wanted.ttlSeconds ?? parent.ttlSeconds, parent.ttlSeconds, maxTtlSeconds);
  return keepNew(services, wanted.form, {
    ...parent,
    createdAt,
    expiresAt: Math.min(createdAt + ttlSeconds * 1_000, parent.expiresAt, ancestorsExpireAt),
    ttlSeconds,
    maxTtlSeconds,
    renewable: parent.renewable && (wanted.renewable ?? true),
    parent: parent.accessor,
    displayName: wanted.displayName ?? parent.displayName,
    ancestors: [...parent.ancestors, hash],
  });
}
