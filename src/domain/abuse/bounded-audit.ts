import { LRUCache } from 'lru-cache';
import type { AuditEvent } from '../audit/events.ts';
import type { AuditSink } from '../../ports/audit-sink.ts';
import type { Clock } from '../../ports/clock.ts';
import { networkOf } from './network.ts';

/** Of failures to prove who one is, from one address within the window; all of them are recorded. */
const maxRecorded = 2_000;
const windowMs = 5 * 60 * 1_000;
const maxRemembered = 50_000;

interface Tally {
  readonly until: number;
  failures: number;
  /** Since the last record. */
  leftOut: number;
}

/**
 * A sink whose disk nobody can fill without proving who they are. Every failure is recorded, up to 2,000 in
 * 5 minutes from one address (of IPv6, a network of 64 bits), which is more than it takes to
 * reach every limit of attempts. Of what comes beyond that each doubling is recorded, with how many
 * before it were left out. What succeeds is always recorded, and so is all that takes a role to do.
 */
export function boundedAudit(sink: AuditSink, clock: Clock): AuditSink {
  const tallies = new LRUCache<string, Tally>({ max: maxRemembered });
  const recordFailure = async (event: AuditEvent & { readonly outcome: 'failure' }): Promise<void> => {
    const tally = tallyOf(tallies, networkOf(event.clientIp), clock.now());
    tally.failures += 1;
    if (tally.failures > maxRecorded && !isDoubling(tally.failures / maxRecorded)) {
      tally.leftOut += 1;
      return;
    }
    const { leftOut } = tally;
    tally.leftOut = 0;
    return sink.record(leftOut === 0 ? event : { ...event, error: withCount(event.error, leftOut) });
  };
  return {
    // The sink's own promise, as a policy load has hundreds of thousands.
    record: (event) => (isAnonymousFailure(event) ? recordFailure(event) : sink.record(event)),
    close: () => sink.close(),
  };
}

function tallyOf(tallies: LRUCache<string, Tally>, network: string, now: number): Tally {
  const known = tallies.get(network);
  if (known !== undefined && known.until > now && known.until <= now + windowMs) return known;
  // What the last window left out is told by the first record of this one.
  const tally = { until: now + windowMs, failures: 0, leftOut: known?.leftOut ?? 0 };
  tallies.set(network, tally);
  return tally;
}

function isAnonymousFailure(event: AuditEvent): event is AuditEvent & { readonly outcome: 'failure' } {
  return event.outcome === 'failure' && ['authn', 'host-factory', 'oidc-provider'].includes(event.type);
}

function isDoubling(ratio: number): boolean {
  return Number.isInteger(Math.log2(ratio));
}

function withCount(error: string | undefined, leftOut: number): string {
  return `${error ?? ''} (${String(leftOut)} failures from there before this one were not recorded)`.trim();
}
