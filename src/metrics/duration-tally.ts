/** What was counted so far. */
export interface Tallied {
  /** How many in each bucket; the last one has no bound. */
  readonly counts: readonly number[];
  readonly sum: number;
}

/** Durations counted by size. Counting one is a few additions, as it happens in every request. */
export class DurationTally {
  readonly #bounds: readonly number[];
  readonly #counts: Float64Array;
  #sum = 0;

  /** @param bounds upper bounds of the buckets, ascending; one without a bound follows them */
  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = new Float64Array(bounds.length + 1);
  }

  /** @param weight of how many durations this one is a sample */
  add(seconds: number, weight = 1): void {
    let bucket = 0;
    while (bucket < this.#bounds.length && seconds > (this.#bounds[bucket] ?? 0)) bucket += 1;
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + weight;
    this.#sum += seconds * weight;
  }

  get tallied(): Tallied {
    return { counts: [...this.#counts], sum: this.#sum };
  }
}

/** How a histogram is introduced, and the one label that tells its tallies apart. */
export interface HistogramShape {
  readonly name: string;
  readonly help: string;
  readonly label: string;
  /** Upper bounds of the buckets, ascending. */
  readonly bounds: readonly number[];
}

/**
 * A histogram in the text format of Prometheus. That of prom-client takes each duration with its
 * labels, which costs a percent of a busy server's time; it cannot take sums.
 * @param tallies by the value of the label, which needs no escape
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export function histogramText(
  { name, help, label, bounds }: HistogramShape,
  tallies: ReadonlyMap<string, Tallied>,
): string {
  const lines = [`# HELP ${name} ${help}`, `# TYPE ${name} histogram`];
  for (const [value, { counts, sum }] of tallies) {
    const labels = `${label}="${value}"`;
    let count = 0;
    for (const [bucket, counted] of counts.entries()) {
      count += counted;
      lines.push(`${name}_bucket{le="${bounds[bucket] ?? '+Inf'}",${labels}} ${count}`);
    }
    lines.push(`${name}_sum{${labels}} ${sum}`, `${name}_count{${labels}} ${count}`);
  }
  return `${lines.join('\n')}\n`;
}
