/** From runs to ratios and figures: what goes into the table and the JSON file. */
import type { Measurement } from './arguments.ts';
import type { HotPathResult } from './hot-paths.ts';
import type { PolicyLoadRun } from './policy-loads.ts';
import { maxGeneratorBusy, maxOthersBusy, type Run } from './runs.ts';
import { median, summarise, type Summary } from './statistics.ts';

export interface Goal {
  readonly kind: 'at least' | 'at most';
  readonly value: number;
}

export const goals: Readonly<Partial<Record<string, Goal>>> = {
  secret_fetch_lmdb: { kind: 'at least', value: 0.28 },
  secret_fetch_redis: { kind: 'at least', value: 0.3 },
  secret_fetch_new_tokens: { kind: 'at least', value: 0.32 },
  authenticate_rs256: { kind: 'at least', value: 0.18 },
  code_to_tokens_rs256: { kind: 'at least', value: 0.45 },
  code_to_tokens_es256: { kind: 'at least', value: 0.45 },
  discovery: { kind: 'at least', value: 0.5 },
  policy_load_100k_vs_parse: { kind: 'at most', value: 4 },
  policy_load_100k_peak_rss_mb: { kind: 'at most', value: 1_500 },
  policy_load_100k_stall_ms: { kind: 'at most', value: 100 },
  policy_load_incremental: { kind: 'at most', value: 3 },
  catchup: { kind: 'at most', value: 3 },
  memory_per_role: { kind: 'at most', value: 400 },
  memory_per_edge: { kind: 'at most', value: 40 },
  check_us: { kind: 'at most', value: 0.6 },
  list_ms: { kind: 'at most', value: 0.3 },
  durable_writes: { kind: 'at least', value: 0.75 },
  fetch_p99_8_connections: { kind: 'at most', value: 2 },
  fetch_p99_at_70_percent_ms: { kind: 'at most', value: 10 },
  two_workers_fetch: { kind: 'at least', value: 1.4 },
  two_workers_authenticate: { kind: 'at least', value: 1.7 },
  overload_fetch: { kind: 'at least', value: 0.8 },
  overload_authenticate: { kind: 'at least', value: 0.8 },
  overload_login: { kind: 'at least', value: 0.8 },
};

/** A ratio of two things that were measured in the same rounds. */
export interface Ratio extends Summary {
  readonly name: string;
}

export interface HotFigures {
  readonly rps: Summary;
  readonly cpuUs: Summary;
  readonly storeCpuUs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly serverBusy: number;
  readonly generatorBusy: number;
  readonly othersBusy: number;
  readonly rssMb: number;
  /** Runs during which something else was busy, however often they were repeated. */
  readonly disturbedRuns: number;
  readonly runs: readonly Run[];
}

export interface LoadFigures {
  readonly loadSeconds: Summary;
  readonly parseSeconds: Summary;
  readonly loadCpuSeconds: number;
  readonly parseCpuSeconds: number;
  readonly longestStallMs: number;
  readonly smallLoadBeforeMs: number;
  readonly smallLoadAfterMs: number;
  readonly rssMb: number;
  readonly peakRssMb: number;
  readonly runs: readonly PolicyLoadRun[];
}

/**
 * For each path its share of the floor's throughput, and (`…_cpu`) the floor's CPU time per request as a
 * share of its own: both are 1 where the service costs nothing on top. Runs that the generator
 * may have limited count for neither.
 * @throws Error no run is left of a path
 */
export function hotRatios({ paths, runs }: HotPathResult): readonly Ratio[] {
  return paths.flatMap(({ name, variant, floor }) => {
    const pairs = paired(runs.get(variant) ?? [], runs.get(floor) ?? []);
    if (pairs.length === 0) {
      throw new Error(
        `${name}: the load generator was busier than ${String(maxGeneratorBusy)} in every round`,
      );
    }
    return [
      { name, ...summarise(pairs.map(([run, bare]) => run.rps / bare.rps)) },
      { name: `${name}_cpu`, ...summarise(pairs.map(([run, bare]) => bare.cpuUs / run.cpuUs)) },
    ];
  });
}

function paired(runs: readonly Run[], floors: readonly Run[]): readonly (readonly [Run, Run])[] {
  return runs.flatMap((run, round) => {
    const floor = floors[round];
    if (floor === undefined || Math.max(run.generatorBusy, floor.generatorBusy) > maxGeneratorBusy) return [];
    return [[run, floor] as const];
  });
}

export function hotFigures(result: HotPathResult): Readonly<Record<string, HotFigures>> {
  return Object.fromEntries(
    [...result.runs].map(([name, runs]) => {
      const middle = (field: keyof Run): number => median(runs.map((run) => run[field]));
      const figures: HotFigures = {
        rps: summarise(runs.map(({ rps }) => rps)),
        cpuUs: summarise(runs.map(({ cpuUs }) => cpuUs)),
        storeCpuUs: middle('storeCpuUs'),
        p50Ms: middle('p50Ms'),
        p99Ms: middle('p99Ms'),
        serverBusy: middle('serverBusy'),
        generatorBusy: middle('generatorBusy'),
        othersBusy: middle('othersBusy'),
        rssMb: result.rssMb.get(name) ?? NaN,
        disturbedRuns: runs.filter(({ othersBusy }) => othersBusy > maxOthersBusy).length,
        runs,
      };
      return [name, figures];
    }),
  );
}

/** How many times the plain parse a load takes, in time and in CPU time. */
export function loadRatios(name: Measurement, runs: readonly PolicyLoadRun[]): readonly Ratio[] {
  return [
    { name, ...summarise(runs.map((run) => run.loadSeconds / run.parseSeconds)) },
    { name: `${name}_cpu`, ...summarise(runs.map((run) => run.loadCpuSeconds / run.parseCpuSeconds)) },
  ];
}

export function loadFigures(runs: readonly PolicyLoadRun[]): LoadFigures {
  const middle = (field: keyof PolicyLoadRun): number => median(runs.map((run) => run[field]));
  return {
    loadSeconds: summarise(runs.map(({ loadSeconds }) => loadSeconds)),
    parseSeconds: summarise(runs.map(({ parseSeconds }) => parseSeconds)),
    loadCpuSeconds: middle('loadCpuSeconds'),
    parseCpuSeconds: middle('parseCpuSeconds'),
    longestStallMs: middle('longestStallMs'),
    smallLoadBeforeMs: middle('smallLoadBeforeMs'),
    smallLoadAfterMs: middle('smallLoadAfterMs'),
    rssMb: middle('rssMb'),
    peakRssMb: middle('peakRssMb'),
    runs,
  };
}

export function reached({ kind, value }: Goal, figure: number): boolean {
  return kind === 'at least' ? figure >= value : figure <= value;
}

/** Columns of text, each as wide as its widest cell; all but the first flush right. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length);
  }
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd();
  return `${rows.map(line).join('\n')}\n`;
}

export function ratioTable(ratios: readonly Ratio[]): string {
  return table([
    ['ratio', 'median', 'spread', 'goal', ''],
    ...ratios.map(({ name, median: middle, spread }) => {
      const goal = goals[name];
      const wanted = goal === undefined ? '' : `${goal.kind} ${String(goal.value)}`;
      const verdict = goal === undefined ? '' : reached(goal, middle) ? 'reached' : 'missed';
      return [name, middle.toPrecision(3), percent(spread), wanted, verdict];
    }),
  ]);
}

export function hotTable(figures: Readonly<Record<string, HotFigures>>): string {
  return table([
    [
      '',
      'req/s',
      'spread',
      'CPU µs',
      'spread',
      'store µs',
      'p50 ms',
      'p99 ms',
      'RSS MB',
      'server',
      'load',
      'others',
    ],
    ...Object.entries(figures).map(([name, figure]) => [
      name,
      figure.rps.median.toFixed(0),
      percent(figure.rps.spread),
      figure.cpuUs.median.toFixed(1),
      percent(figure.cpuUs.spread),
      figure.storeCpuUs.toFixed(1),
      figure.p50Ms.toFixed(2),
      figure.p99Ms.toFixed(2),
      String(figure.rssMb),
      percent(figure.serverBusy),
      percent(figure.generatorBusy),
      percent(figure.othersBusy),
    ]),
  ]);
}

export function loadTable(figures: Readonly<Record<string, LoadFigures>>): string {
  return table([
    ['', 'load s', 'CPU s', 'parse s', 'stall ms', 'RSS MB', 'peak MB', '10 before ms', '10 after ms'],
    ...Object.entries(figures).map(([name, figure]) => [
      name,
      figure.loadSeconds.median.toFixed(2),
      figure.loadCpuSeconds.toFixed(2),
      figure.parseSeconds.median.toFixed(2),
      figure.longestStallMs.toFixed(0),
      String(figure.rssMb),
      String(figure.peakRssMb),
      figure.smallLoadBeforeMs.toFixed(1),
      figure.smallLoadAfterMs.toFixed(1),
    ]),
  ]);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`;
}
