/** The figures of one process, in a form that goes to another, and the sum of several. */
import {
  AggregatorRegistry,
  type MetricObjectWithValues,
  type MetricValue,
  type Registry,
} from 'prom-client';
import type { Tallied } from './duration-tally.ts';

export type MetricObject = MetricObjectWithValues<MetricValue<string>>;

/** Durations by the value of a histogram's label. */
export type TalliedByLabel = ReadonlyMap<string, Tallied>;

/** Plain data, maps included: what structured clone takes. */
export interface Figures {
  /** What prom-client counts. */
  readonly metrics: readonly MetricObject[];
  readonly requestDurations: TalliedByLabel;
  readonly storeDurations: TalliedByLabel;
}

/** The metrics of several processes as one registry, each added up as prom-client says of it. */
export function aggregated(all: readonly (readonly MetricObject[])[]): Registry {
  return AggregatorRegistry.aggregate(all.map((metrics) => [...metrics]));
}

/** Adds durations up, label by label. */
export function summed(all: readonly TalliedByLabel[]): TalliedByLabel {
  const sums = new Map<string, Tallied>();
  for (const tallies of all) {
    for (const [label, { counts, sum }] of tallies) {
      const known = sums.get(label);
      sums.set(label, {
        counts: counts.map((count, bucket) => count + (known?.counts[bucket] ?? 0)),
        sum: sum + (known?.sum ?? 0),
      });
    }
  }
  return sums;
}

/**
 * What is left of processes that ended: their counters and histograms, so that a sum over processes
 * never falls when one of them dies. What they held, such as memory, is gone with them.
 */
export async function remains(ended: readonly Figures[]): Promise<Figures> {
  const counted = ended.map(({ metrics }) => metrics.filter(({ type }) => isCounted(String(type))));
  return {
    metrics: await aggregated(counted).getMetricsAsJSON(),
    requestDurations: summed(ended.map(({ requestDurations }) => requestDurations)),
    storeDurations: summed(ended.map(({ storeDurations }) => storeDurations)),
  };
}

function isCounted(type: string): boolean {
  return type === 'counter' || type === 'histogram';
}
