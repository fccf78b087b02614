/** Measures Latchkey against floors of the same run; see docs/performance.md. */
import { writeFileSync } from 'node:fs';
import { temporaryDirectory } from '../../test/support/temp.ts';
import { readArguments, type BenchmarkArguments, type Measurement } from './arguments.ts';
import { measureHotPaths } from './hot-paths.ts';
import { measureGraphScale } from './graph-figures.ts';
import { measureDurableWrites } from './durable-writes.ts';
import { measureLatency } from './latency.ts';
import { measureOverload } from './overload.ts';
import { measureWorkers } from './workers.ts';
import { describeMachine, describeVersions } from './machine.ts';
import { measurePolicyLoads } from './policy-loads.ts';
import {
  goals,
  hotFigures,
  hotRatios,
  hotTable,
  loadFigures,
  loadRatios,
  loadTable,
  ratioTable,
  type HotFigures,
  type LoadFigures,
  type Ratio,
} from './report.ts';
import { summarise } from './statistics.ts';

const connections = 64;

const policyLoads = [
  { name: 'policy_load_10k_vs_parse', figure: 'policy_load_10k', statements: 10_000 },
  { name: 'policy_load_100k_vs_parse', figure: 'policy_load_100k', statements: 100_000 },
] as const satisfies readonly { name: Measurement; figure: string; statements: number }[];

/** Each starts what it needs. */
const ofOneService = [
  ['durable_writes', measureDurableWrites],
  ['latency', measureLatency],
  ['two_workers', measureWorkers],
  ['overload', measureOverload],
] as const satisfies readonly (readonly [Measurement, unknown])[];

function isHotPath(name: Measurement): boolean {
  if (name === 'graph_scale' || name.startsWith('policy_load')) return false;
  return !ofOneService.some(([measured]) => measured === name);
}

interface Outcome {
  readonly ratios: Ratio[];
  readonly hot: Record<string, HotFigures>;
  readonly loads: Record<string, LoadFigures>;
  generator: string | undefined;
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

async function measureAll(asked: BenchmarkArguments, folder: string): Promise<Outcome> {
  const { only, rounds, seconds } = asked;
  const outcome: Outcome = { ratios: [], hot: {}, loads: {}, generator: undefined };
  if ([...only].some(isHotPath)) {
    const result = await measureHotPaths({ only, rounds, seconds, connections, folder, say });
    outcome.ratios.push(...hotRatios(result));
    Object.assign(outcome.hot, hotFigures(result));
    outcome.generator = result.generator;
  }
  for (const { name, figure, statements } of policyLoads) {
    if (!only.has(name)) continue;
    const loads = Math.ceil(rounds / 3);
    const runs = await measurePolicyLoads({ statements, rounds: loads, folder, say });
    outcome.ratios.push(...loadRatios(name, runs));
    const figures = loadFigures(runs);
    outcome.loads[figure] = figures;
    outcome.ratios.push({ name: `${figure}_peak_rss_mb`, median: figures.peakRssMb, spread: 0 });
    outcome.ratios.push({ name: `${figure}_stall_ms`, ...summarise(runs.map((run) => run.longestStallMs)) });
  }
  if (only.has('graph_scale')) {
    outcome.ratios.push(...measureGraphScale({ rounds: Math.ceil(rounds / 3), folder, say }));
  }
  for (const [name, measureOne] of ofOneService) {
    if (!only.has(name)) continue;
    outcome.ratios.push(...(await measureOne({ rounds, seconds, connections, folder, say })));
  }
  return outcome;
}

function writeJson(file: string, asked: BenchmarkArguments, outcome: Outcome): void {
  const json = {
    machine: describeMachine(),
    versions: describeVersions(),
    load: { generator: outcome.generator, connections, rounds: asked.rounds, seconds: asked.seconds },
    ratios: Object.fromEntries(outcome.ratios.map(({ name, median }) => [name, median])),
    spreads: Object.fromEntries(outcome.ratios.map(({ name, spread }) => [name, spread])),
    goals,
    figures: { ...outcome.hot, ...outcome.loads },
  };
  writeFileSync(file, `${JSON.stringify(json, undefined, 2)}\n`);
}

async function main(argv: readonly string[]): Promise<void> {
  const asked = readArguments(argv);
  const folder = temporaryDirectory();
  try {
    const outcome = await measureAll(asked, folder.path);
    if (Object.keys(outcome.hot).length > 0) process.stdout.write(`${hotTable(outcome.hot)}\n`);
    if (Object.keys(outcome.loads).length > 0) process.stdout.write(`${loadTable(outcome.loads)}\n`);
    process.stdout.write(ratioTable(outcome.ratios));
    if (asked.jsonFile !== undefined) writeJson(asked.jsonFile, asked, outcome);
  } finally {
    folder.remove();
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
