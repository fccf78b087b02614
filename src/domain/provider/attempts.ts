/** How often somebody may fail to prove who they are, where a password is tried. */
import { createHash } from 'node:crypto';
import ipaddr from 'ipaddr.js';
import type { AuthenticationEvent } from '../audit/events.ts';
import { audited } from '../audited.ts';
import { loginEvent } from '../authn/login.ts';
import { isFailure, LatchkeyError } from '../errors.ts';
import { loginOf, roleOfLogin, type Account } from '../ids.ts';
import type { RequestContext } from '../request.ts';
import type { Services } from '../services.ts';

type AttemptServices = Pick<Services, 'ephemeral' | 'audit' | 'clock'>;

/** How long failures count, and how long too many of them keep somebody out. */
export const attemptsWindowMs = 5 * 60 * 1000;

/** After so many failures within the window nobody gets any further until the window is over. */
const maxFailures = { pair: 10, address: 100, login: 100 };

interface Counted {
  readonly key: string;
  readonly maxFailures: number;
}

/**
 * Runs a proof by password, unless too many such failed of late: 10 in 5 minutes of one login from
 * one address, 100 from one address, 100 of one user from all addresses (hosts have no passwords, so
 * nobody can lock them out). Of IPv6 the network of 64 bits counts as the address.
 *
 * Attempts at the same time gain nothing: what ends beyond the limit is refused and counted alike, be
 * it right or wrong, so that no answer tells which it was. All processes count together, and all names
 * of a role count as one.
 *
 * @param login the name as it was given; it is kept as a hash
 * @param prove throws what `unauthenticated` failure it ends with; only those count. It is audited by
 *   itself, a refusal here as a failed login.
 * @throws LatchkeyError `ATTEMPTS_EXCEEDED`
 * @throws LatchkeyError what `prove` throws
 */
export async function withAttemptLimit<T>(
  services: AttemptServices,
  request: RequestContext,
  account: Account,
  login: string,
  prove: () => Promise<T>,
): Promise<T> {
  const counted = countedOf(nameOf(account, login), request.clientIp);
  await requireAttemptsLeft(services, request, account, login, counted);
  try {
    const proven = await prove();
    await requireAttemptsLeft(services, request, account, login, counted, () =>
      countFailure(services, account, counted),
    );
    return proven;
  } catch (error) {
    const failed = isFailure(error) && error.kind === 'unauthenticated' && error.code !== 'ATTEMPTS_EXCEEDED';
    if (!failed || (await countFailure(services, account, counted))) throw error;
    // It has its record already, with the reason that the caller is not told.
    throw new LatchkeyError('ATTEMPTS_EXCEEDED', { cause: error });
  }
}

/** One role's login may be spelled in several ways: `alice` and `user/alice`. */
function nameOf(account: Account, login: string): string {
  try {
    return loginOf(roleOfLogin(account, login));
  } catch (error) {
    if (isFailure(error, 'ID_INVALID')) return login;
    throw error;
  }
}

/** What is exceeded has an entry of its own, so that to look costs no write. */
async function requireAttemptsLeft(
  services: AttemptServices,
  request: RequestContext,
  account: Account,
  login: string,
  counted: readonly Counted[],
  onExceeded?: () => Promise<unknown>,
): Promise<void> {
  const exceeded = await services.ephemeral.get(
    account,
    counted.map(({ key }) => key),
  );
  if (exceeded.every((entry) => entry === undefined)) return;
  await onExceeded?.();
  const event = (failure: unknown): AuthenticationEvent =>
    loginEvent(services, request, account, login, 'login', failure);
  await audited(services.audit, event, async () => {
    throw new LatchkeyError('ATTEMPTS_EXCEEDED');
  });
}

/** Counts a failure; answers whether it is one of those that there may be. */
async function countFailure(
  { ephemeral }: AttemptServices,
  account: Account,
  counted: readonly Counted[],
): Promise<boolean> {
  const failures = await Promise.all(
    counted.map(async (each) => ({
      ...each,
      failed: await ephemeral.count(account, each.key, attemptsWindowMs),
    })),
  );
  const reached = failures.filter(({ failed, maxFailures: most }) => failed >= most);
  if (reached.length > 0) {
    await ephemeral.put(
      account,
      reached.map(({ key }) => ({ key, value: Buffer.alloc(0), ttlMs: attemptsWindowMs })),
    );
  }
  return failures.every(({ failed, maxFailures: most }) => failed <= most);
}

function countedOf(login: string, clientIp: string): readonly Counted[] {
  const address = networkOf(clientIp);
  const counted = [
    { key: keyOf('pair', address, login), maxFailures: maxFailures.pair },
    { key: keyOf('address', address), maxFailures: maxFailures.address },
  ];
  if (login.startsWith('host/')) return counted;
  return [...counted, { key: keyOf('login', login), maxFailures: maxFailures.login }];
}

function keyOf(...parts: readonly string[]): string {
  return `attempts ${createHash('sha256').update(parts.join('\t')).digest('base64url')}`;
}

/** An address of IPv6 is one of the many that its owner may use; their network is what tells them apart. */
export function networkOf(clientIp: string): string {
  if (!ipaddr.isValid(clientIp)) return clientIp;
  const address = ipaddr.process(clientIp);
  return address.kind() === 'ipv4' ? address.toString() : address.toByteArray().slice(0, 8).join('.');
}
