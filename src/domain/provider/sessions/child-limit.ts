/** How many tokens a role can have made of those that it has: it takes no proof, and each is kept for a while. */
import { createHash } from 'node:crypto';
import { LatchkeyError } from '../../errors.ts';
import type { RoleId } from '../../ids.ts';
import type { Services } from '../../services.ts';

const windowMs = 60 * 60 * 1_000;
const maxStarted = 1_000;

/**
 * Counts a session that is started for a role on the strength of a token: 1,000 in an hour, in all processes together.
 * @throws LatchkeyError `SESSIONS_EXCEEDED`: it is one too many
 */
export async function countChildSession(
  { ephemeral, settings }: Pick<Services, 'ephemeral' | 'settings'>,
  role: RoleId,
): Promise<void> {
  const started = await ephemeral.count(settings.account, childSessionsKey(role), windowMs);
  if (started > maxStarted) throw new LatchkeyError('SESSIONS_EXCEEDED');
}

/** Where the sessions of a role are counted. */
export function childSessionsKey(role: RoleId): string {
  return `session-children ${createHash('sha256').update(role).digest('base64url')}`;
}
