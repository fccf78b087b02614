/** How often something may happen. */
export interface BucketLimits {
  /** How often within the window. */
  readonly limit: number;
  readonly windowMs: number;
  /** The least time from one to the next. */
  readonly cooldownMs: number;
}

export interface Bucket {
  /** Whether it may happen now; if so, it is counted. */
  take(nowMs: number): boolean;
}

/** A bound on how often something happens within a sliding window, with a pause after each time. */
export function openBucket({ limit, windowMs, cooldownMs }: BucketLimits): Bucket {
  let taken: readonly number[] = [];
  return {
    take: (nowMs) => {
      // A time that lies ahead comes from before the clock was set back, and counts no more.
      taken = taken.filter((at) => at <= nowMs && nowMs - at < windowMs);
      const last = taken.at(-1);
      if (taken.length >= limit || (last !== undefined && nowMs - last < cooldownMs)) return false;
      taken = [...taken, nowMs];
      return true;
    },
  };
}
