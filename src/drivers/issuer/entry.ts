import { isFailure, LatchkeyError } from '../../domain/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import { openBucket, type Bucket } from './bucket.ts';
import type { PublishedKeys } from './key-set.ts';

/** When the keys of an issuer are fetched. */
export interface RefreshTiming {
  /** The age from which keys are fetched anew in the background. */
  readonly softTtlSeconds: number;
  /** The age from which keys no longer serve, so that an issuer that stays away is trusted for no longer. */
  readonly hardTtlSeconds: number;
  /** The least time between two fetches that tokens force, by an unknown key or a failed signature. */
  readonly forcedRefreshCooldownSeconds: number;
  /** How many fetches tokens may force in {@link forcedRefreshWindowSeconds}. */
  readonly forcedRefreshLimit: number;
  readonly forcedRefreshWindowSeconds: number;
  /** How long a failed fetch is not repeated: at least this, at most twice as long, at random. */
  readonly failureTtlSeconds: number;
}

/** What an entry works with. */
export interface EntryServices<Known> {
  readonly clock: Clock;
  /** A number from 0 up to, not including, 1. */
  readonly random: () => number;
  /** Asks the issuer; ends in a time that is bounded. */
  readonly fetch: () => Promise<Known>;
  /** Told of each fetch that fails, also where the keys at hand go on serving. */
  readonly onFailure: (failure: LatchkeyError) => void;
}

/** What is remembered of one issuer: its last good keys, and its last failure. */
export class IssuerEntry<Known extends PublishedKeys> {
  readonly #services: EntryServices<Known>;
  readonly #timing: RefreshTiming;
  readonly #forced: Bucket;
  #known: { readonly issuer: Known; readonly fetchedAt: number } | undefined;
  #failure: { readonly error: LatchkeyError; readonly from: number; readonly until: number } | undefined;
  #pending: Promise<Known> | undefined;

  constructor(services: EntryServices<Known>, timing: RefreshTiming) {
    this.#services = services;
    this.#timing = timing;
    this.#forced = openBucket({
      limit: timing.forcedRefreshLimit,
      windowMs: timing.forcedRefreshWindowSeconds * 1_000,
      cooldownMs: timing.forcedRefreshCooldownSeconds * 1_000,
    });
  }

  /**
   * The issuer as last fetched, at once where that is not older than the hard TTL.
   * @throws LatchkeyError the `ISSUER_*` errors of a fetch, or those of one that has just failed
   */
  current(): Known | Promise<Known> {
    const now = this.#services.clock.now();
    const { softTtlSeconds, hardTtlSeconds } = this.#timing;
    const ageMs = this.#known === undefined ? Infinity : now - this.#known.fetchedAt;
    // A clock that went backwards says nothing about the age: the keys serve, and are fetched anew.
    if (this.#known !== undefined && ageMs < hardTtlSeconds * 1_000) {
      if (ageMs < 0 || ageMs >= softTtlSeconds * 1_000) this.#refreshInBackground(now);
      return this.#known.issuer;
    }
    const failure = this.#recentFailure(now);
    if (this.#pending === undefined && failure !== undefined) throw repeated(failure);
    return this.#refresh();
  }

  /**
   * Newer and newer states of the issuer, for a token that the keys at hand do not verify: what
   * is known meanwhile, what a fetch under way brings, which may have begun before the key was
   * published, and what a fetch for this token brings. As anybody can make such a token, the last
   * happens only within the limits of the {@link RefreshTiming}. A fetch that fails ends the
   * sequence: the token's own failure is the one to report.
   *
   * @param seen the state that did not verify the token
   */
  async *newerThan(seen: Known): AsyncGenerator<Known, void> {
    let last = seen;
    await this.#pending?.catch(() => undefined);
    if (this.#known !== undefined && this.#known.issuer !== last) {
      last = this.#known.issuer;
      yield last;
    }
    const now = this.#services.clock.now();
    if (this.#pending === undefined && (this.#recentFailure(now) !== undefined || !this.#forced.take(now)))
      return;
    const newest = await this.#refresh().catch(() => undefined);
    if (newest !== undefined && newest !== last) yield newest;
  }

  /**
   * Fetches anew, whatever is known.
   * @throws LatchkeyError the `ISSUER_*` errors of a fetch
   */
  async check(): Promise<void> {
    // What is under way may have asked the issuer before the caller changed something there.
    await this.#pending?.catch(() => undefined);
    await this.#refresh();
  }

  #recentFailure(now: number): LatchkeyError | undefined {
    // A failure that lies ahead comes from before the clock was set back.
    const recent = this.#failure !== undefined && now >= this.#failure.from && now < this.#failure.until;
    return recent ? this.#failure?.error : undefined;
  }

  #refreshInBackground(now: number): void {
    if (this.#pending !== undefined || this.#recentFailure(now) !== undefined) return;
    this.#refresh().catch(() => undefined);
  }

  /** One fetch at a time; whoever comes while it runs waits for the same one. */
  #refresh(): Promise<Known> {
    this.#pending ??= this.#fetch().finally(() => {
      this.#pending = undefined;
    });
    return this.#pending;
  }

  async #fetch(): Promise<Known> {
    const { clock, random, fetch, onFailure } = this.#services;
    const fetchedAt = clock.now();
    try {
      const issuer = await fetch();
      this.#known = { issuer, fetchedAt };
      this.#failure = undefined;
      return issuer;
    } catch (cause) {
      const error = isFailure(cause) ? cause : new LatchkeyError('ISSUER_UNREACHABLE', { cause });
      const backoffMs = this.#timing.failureTtlSeconds * 1_000 * (1 + random());
      const from = clock.now();
      this.#failure = { error, from, until: from + backoffMs };
      onFailure(error);
      throw error;
    }
  }
}

/** The same failure for another request: an error belongs to one. */
function repeated(error: LatchkeyError): LatchkeyError {
  return new LatchkeyError(error.code, {
    ...(error.detail === undefined ? {} : { detail: error.detail }),
    cause: error.cause,
  });
}
