/** Putting load on a server: with `wrk` where it is on the path, else with a generator of our own. */
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { commandOn, findProgram, loadCore, siblingProgram, spawnOn, stopProcess } from './processes.ts';

export interface LoadOrder {
  readonly port: number;
  readonly connections: number;
  readonly seconds: number;
  /** Whole requests, each ended by a NUL; sent in turn, over and over. */
  readonly requestsFile: string;
  /** Whether each is sent once at most: then a run also ends when there are no more. */
  readonly once?: boolean;
  /**
   * Requests come at this rate, whatever the answers, each on the first connection that is free; what waits for
   * one is counted from when it was due. Otherwise every connection asks again as soon as it was answered.
   */
  readonly perSecond?: number;
}

export interface LoadResult {
  readonly requests: number;
  readonly seconds: number;
  /** Answers other than 2xx. */
  readonly failures: number;
  /** Those among them that were 503; `wrk` does not tell. */
  readonly refusals: number;
  /** Of the answers that were 2xx. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly generatorCpuSeconds: number;
}

export interface LoadGenerator {
  readonly name: string;
  /** @throws Error the server went away */
  run(order: LoadOrder): Promise<LoadResult>;
  close(): Promise<void>;
}

/** @param folder for files of its own */
export function openLoadGenerator(folder: string): LoadGenerator {
  const wrk = findProgram('wrk');
  return wrk === undefined ? openOwnGenerator() : openBoth(openWrk(wrk, folder), openOwnGenerator());
}

/** `wrk` cannot stop where its requests end. */
function openBoth(wrk: LoadGenerator, own: LoadGenerator): LoadGenerator {
  return {
    name: `${wrk.name}, and ${own.name} for what can be asked only once`,
    run: (order) => (order.once === true ? own : wrk).run(order),
    close: () => own.close(),
  };
}

/** @param core the one that it has */
export function openOwnGenerator(core: number | 'any' = loadCore): LoadGenerator {
  const child = spawnOn(
    core === 'any' ? undefined : core,
    { program: process.execPath, args: [siblingProgram('load-generator.js')] },
    { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] },
  );
  return {
    name: 'own generator',
    run: async (order) => {
      const answered = once(child, 'message');
      child.send(order);
      const [message] = (await answered) as [{ result?: LoadResult; error?: string }];
      if (message.result === undefined) throw new Error(`load generator: ${message.error ?? ''}`);
      return message.result;
    },
    close: () => stopProcess(child, 'SIGTERM'),
  };
}

/** Prints one line of JSON at the end. `os.clock` is the CPU time of the whole process. */
const wrkScript = `
local requests, place = {}, 0
function init(args)
  local file = io.open(args[1], "rb")
  for request in file:read("*a"):gmatch("[^%z]+") do requests[#requests + 1] = request end
  file:close()
  place = math.random(#requests)
end
function request()
  place = place % #requests + 1
  return requests[place]
end
function done(summary, latency)
  local errors = summary.errors
  print(string.format(
    'RESULT {"requests":%d,"seconds":%f,"failures":%d,"refusals":0,"p50Ms":%f,"p99Ms":%f,"generatorCpuSeconds":%f}',
    summary.requests, summary.duration / 1e6,
    errors.status + errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, os.clock()))
end
`;

function openWrk(wrk: string, folder: string): LoadGenerator {
  const script = join(folder, 'load.lua');
  writeFileSync(script, wrkScript);
  return {
    name: 'wrk',
    run: async ({ port, connections, seconds, requestsFile }) => {
      const { program, args } = commandOn(loadCore, wrk, [
        ...['-t1', `-c${String(connections)}`, `-d${String(Math.ceil(seconds))}s`],
        ...['-s', script, `http://127.0.0.1:${String(port)}/`, '--', requestsFile],
      ]);
      const { stdout } = await promisify(execFile)(program, [...args]);
      const result = /^RESULT (.*)$/m.exec(stdout)?.[1];
      if (result === undefined) throw new Error(`wrk: ${stdout}`);
      return JSON.parse(result) as LoadResult;
    },
    close: () => Promise.resolve(),
  };
}
