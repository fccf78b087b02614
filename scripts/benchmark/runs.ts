/** One run: load on one server for a moment, and what it cost whom. */
import type { LoadGenerator } from './load.ts';
import { cpuSecondsOf, machineBusySeconds } from './processes.ts';

/** A server with the requests that it is to answer. */
export interface Variant {
  readonly name: string;
  readonly port: number;
  readonly pid: number;
  /** The process of the store, where that is not the server's. */
  readonly storePid?: number;
  readonly requestsFile: string;
  /** Of requests that can be answered once: makes new ones for a run of so many seconds. */
  readonly renew?: (seconds: number) => Promise<void>;
}

export interface Run {
  readonly rps: number;
  /** CPU microseconds of the server's processes for each request. */
  readonly cpuUs: number;
  /** The same of the store's process. */
  readonly storeCpuUs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Shares of one core. */
  readonly serverBusy: number;
  readonly generatorBusy: number;
  /** Everything else on the machine, this process included. */
  readonly othersBusy: number;
}

/** A generator that is busier than this may be what limits the throughput. */
export const maxGeneratorBusy = 0.7;
/** Others that are busier than this disturb. */
export const maxOthersBusy = 0.08;
const maxRepeats = 2;

export interface RunOptions {
  readonly connections: number;
  readonly seconds: number;
}

/**
 * Runs, and runs again (at most twice) while something else keeps the machine busy.
 * @throws Error an answer was not a 2xx
 */
export async function measure(generator: LoadGenerator, variant: Variant, options: RunOptions): Promise<Run> {
  let best = await runOnce(generator, variant, options);
  for (let repeat = 0; repeat < maxRepeats && best.othersBusy > maxOthersBusy; repeat += 1) {
    const again = await runOnce(generator, variant, options);
    if (again.othersBusy < best.othersBusy) best = again;
  }
  return best;
}

/**
 * Lets a server get warm.
 * @throws Error an answer was not a 2xx
 */
export async function warmUp(generator: LoadGenerator, variant: Variant, options: RunOptions): Promise<void> {
  await runOnce(generator, variant, options);
}

async function runOnce(
  generator: LoadGenerator,
  variant: Variant,
  { connections, seconds }: RunOptions,
): Promise<Run> {
  const { name, port, pid, storePid, requestsFile } = variant;
  await variant.renew?.(seconds);
  const before = readClocks(pid, storePid);
  const once = variant.renew !== undefined;
  const result = await generator.run({ port, connections, seconds, requestsFile, once });
  const after = readClocks(pid, storePid);
  if (result.failures > 0) {
    throw new Error(`${name}: ${String(result.failures)} of ${String(result.requests)} answers were not 2xx`);
  }
  const server = after.server - before.server;
  const store = after.store - before.store;
  const others = after.machine - before.machine - server - store - result.generatorCpuSeconds;
  return {
    rps: result.requests / result.seconds,
    cpuUs: (server / result.requests) * 1e6,
    storeCpuUs: (store / result.requests) * 1e6,
    p50Ms: result.p50Ms,
    p99Ms: result.p99Ms,
    serverBusy: server / result.seconds,
    generatorBusy: result.generatorCpuSeconds / result.seconds,
    othersBusy: Math.max(0, others / result.seconds),
  };
}

interface Clocks {
  readonly server: number;
  readonly store: number;
  readonly machine: number;
}

function readClocks(pid: number, storePid: number | undefined): Clocks {
  return {
    server: cpuSecondsOf(pid),
    store: storePid === undefined ? 0 : cpuSecondsOf(storePid),
    machine: machineBusySeconds(),
  };
}
