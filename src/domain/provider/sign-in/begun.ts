/** How many sign-ins anybody can begin: each is kept for a while, whoever asked for it. */
import { createHash } from 'node:crypto';
import { LatchkeyError } from '../../errors.ts';
import type { Account } from '../../ids.ts';
import type { Services } from '../../services.ts';
import { networkOf } from '../../abuse/network.ts';

const windowMs = 5 * 60 * 1_000;
const maxBegun = 300;

/** How long somebody may have to wait who began too many. */
export const begunWindowSeconds = windowMs / 1_000;

/**
 * Counts a sign-in, or a sign-out, that an address begins: 300 in 5 minutes, in all processes together. Of IPv6
 * the network of 64 bits counts as the address.
 * @throws LatchkeyError `SIGN_INS_EXCEEDED`: it was one too many
 */
export async function countBegun(
  { ephemeral }: Pick<Services, 'ephemeral'>,
  account: Account,
  clientIp: string,
): Promise<void> {
  const begun = await ephemeral.count(account, begunKey(clientIp), windowMs);
  if (begun > maxBegun) throw new LatchkeyError('SIGN_INS_EXCEEDED');
}

/** Where the sign-ins of an address are counted. */
export function begunKey(clientIp: string): string {
  return `sign-ins-begun ${createHash('sha256').update(networkOf(clientIp)).digest('base64url')}`;
}
