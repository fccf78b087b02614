/** The few statistics that the benchmark reports. */

/**
 * The value below which a share of the samples lies, interpolated between neighbours.
 * @param share from 0 to 1
 * @returns NaN for no samples
 */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = Float64Array.from(samples).sort();
  const place = share * (sorted.length - 1);
  const below = sorted[Math.floor(place)] ?? NaN;
  const above = sorted[Math.ceil(place)] ?? NaN;
  return below + (above - below) * (place - Math.floor(place));
}

export function median(samples: readonly number[]): number {
  return quantile(samples, 0.5);
}

/** A median, and how far apart the middle half of the samples is, as a share of it. */
export interface Summary {
  readonly median: number;
  readonly spread: number;
}

export function summarise(samples: readonly number[]): Summary {
  const middle = median(samples);
  return { median: middle, spread: (quantile(samples, 0.75) - quantile(samples, 0.25)) / middle };
}
