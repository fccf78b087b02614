/** What a large graph costs, measured by processes of their own. */
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { GraphFigures } from './graph-scale.ts';
import { commandOn, serverCore, siblingProgram } from './processes.ts';
import type { Ratio } from './report.ts';
import { summarise } from './statistics.ts';

const names: Readonly<Record<keyof GraphFigures, string>> = {
  startupSeconds: 'startup_graph_s',
  startupCpuSeconds: 'startup_graph_cpu_s',
  roleBytes: 'memory_per_role',
  membershipBytes: 'memory_per_edge',
  checkUs: 'check_us',
  listMs: 'list_ms',
  incremental: 'policy_load_incremental',
  incrementalMs: 'policy_load_10_into_large_ms',
  incrementalEmptyMs: 'policy_load_10_into_empty_ms',
  catchup: 'catchup',
  catchupMs: 'catchup_ms',
};

export function measureGraphScale(options: {
  readonly rounds: number;
  readonly folder: string;
  readonly say: (text: string) => void;
}): readonly Ratio[] {
  const { rounds, folder, say } = options;
  const runs: GraphFigures[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const place = join(folder, `graph-${String(round)}`);
    mkdirSync(place);
    const args = ['--expose-gc', siblingProgram('graph-scale.js'), place];
    const command = commandOn(serverCore, process.execPath, args);
    runs.push(JSON.parse(execFileSync(command.program, command.args, { encoding: 'utf8' })) as GraphFigures);
    say(`large graph: run ${String(round + 1)} of ${String(rounds)}`);
  }
  return (Object.keys(names) as (keyof GraphFigures)[]).map((figure) => ({
    name: names[figure],
    ...summarise(runs.map((run) => run[figure])),
  }));
}
