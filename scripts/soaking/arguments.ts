import { parseArgs } from 'node:util';

export const topologyNames = ['lmdb', 'workers', 'redis', 'sentinel', 'cluster'] as const;
export type TopologyName = (typeof topologyNames)[number];

/**
 * What goes wrong meanwhile: nothing; a random process is killed (SIGKILL) and started again every few
 * seconds; the primary of the store is killed, too (Sentinel and Cluster, with WAIT).
 */
export const faultNames = ['none', 'kill', 'failover'] as const;
export type FaultName = (typeof faultNames)[number];

export interface SoakArguments {
  readonly seconds: number;
  readonly topologies: readonly TopologyName[];
  readonly seed: number;
  readonly clients: number;
  readonly faults: FaultName;
}

export const usage = `usage: scripts/soak [--seconds N] [--topology ${topologyNames.join('|')}|all] [--seed N] [--clients N] [--faults ${faultNames.join('|')}]`;

/** @throws Error with the usage: an argument is not one of these */
export function readArguments(argv: readonly string[], randomSeed: () => number): SoakArguments {
  let values: { seconds: string; topology: string; seed?: string; clients: string; faults: string };
  try {
    ({ values } = parseArgs({
      args: [...argv],
      options: {
        seconds: { type: 'string', default: '120' },
        topology: { type: 'string', default: 'all' },
        seed: { type: 'string' },
        clients: { type: 'string', default: '12' },
        faults: { type: 'string', default: 'none' },
      },
    }));
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n${usage}`, { cause: error });
  }
  const { topology, seed } = values;
  return {
    seconds: whole('--seconds', values.seconds),
    topologies: topology === 'all' ? topologyNames : [oneOf('--topology', topology, topologyNames)],
    seed: seed === undefined ? randomSeed() : whole('--seed', seed),
    clients: whole('--clients', values.clients),
    faults: oneOf('--faults', values.faults, faultNames),
  };
}

function whole(option: string, text: string): number {
  if (/^\d{1,9}$/.test(text) && Number(text) > 0) return Number(text);
  throw new Error(`${option}: expected a whole number above 0\n${usage}`);
}

function oneOf<Name extends string>(option: string, text: string, names: readonly Name[]): Name {
  const known = names.find((name) => name === text);
  if (known === undefined) throw new Error(`${option}: there is no ${text}\n${usage}`);
  return known;
}
