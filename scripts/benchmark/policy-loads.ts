/** Policy loads over the API, against js-yaml's reading of the same text in a process of its own. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { join } from 'node:path';
import { policyText } from './policy-text.ts';
import { commandOn, cpuSecondsOf, memoryOf, serverCore, siblingProgram, type Memory } from './processes.ts';
import { loadPolicy, startService, type Service } from './service.ts';
import { median } from './statistics.ts';

/** One load into a fresh service, and one plain parse beside it. */
export interface PolicyLoadRun extends Memory {
  /** From the first byte of the request to the last of the answer. */
  readonly loadSeconds: number;
  readonly loadCpuSeconds: number;
  readonly parseSeconds: number;
  readonly parseCpuSeconds: number;
  /** The longest that another request had to wait meanwhile. */
  readonly longestStallMs: number;
  /** Of ten statements: into the service before the load, and after it. */
  readonly smallLoadBeforeMs: number;
  readonly smallLoadAfterMs: number;
}

export interface PolicyLoadOptions {
  readonly statements: number;
  readonly rounds: number;
  readonly folder: string;
  readonly say: (text: string) => void;
}

/** @throws Error a load was refused */
export async function measurePolicyLoads(options: PolicyLoadOptions): Promise<readonly PolicyLoadRun[]> {
  const { statements, rounds, folder, say } = options;
  const text = policyText(statements);
  const file = join(folder, `policy-${String(statements)}.yml`);
  writeFileSync(file, text);
  const runs: PolicyLoadRun[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const parse = parsePlainly(file);
    runs.push({ ...parse, ...(await loadOnce(text)) });
    say(`${String(statements)} statements: load ${String(round + 1)} of ${String(rounds)}`);
  }
  return runs;
}

function parsePlainly(file: string): Pick<PolicyLoadRun, 'parseSeconds' | 'parseCpuSeconds'> {
  const { program, args } = commandOn(serverCore, process.execPath, [siblingProgram('plain-parse.js'), file]);
  const { seconds, cpuSeconds } = JSON.parse(execFileSync(program, args, { encoding: 'utf8' })) as {
    readonly seconds: number;
    readonly cpuSeconds: number;
  };
  return { parseSeconds: seconds, parseCpuSeconds: cpuSeconds };
}

async function loadOnce(text: string): Promise<Omit<PolicyLoadRun, 'parseSeconds' | 'parseCpuSeconds'>> {
  // As it would run: it reads, commits and does all else in threads, and who asks only waits.
  const service = await startService({}, 'any');
  try {
    const smallLoadBeforeMs = await loadSmall(service, 'before');
    const stalls = watchStalls(service);
    const cpuBefore = cpuSecondsOf(service.pid);
    const startedAt = performance.now();
    await loadPolicy(service, text);
    const loadSeconds = (performance.now() - startedAt) / 1_000;
    const loadCpuSeconds = cpuSecondsOf(service.pid) - cpuBefore;
    const longestStallMs = await stalls.stop();
    const memory = memoryOf(service.pid);
    const smallLoadAfterMs = await loadSmall(service, 'after');
    return { loadSeconds, loadCpuSeconds, longestStallMs, smallLoadBeforeMs, smallLoadAfterMs, ...memory };
  } finally {
    await service.stop();
  }
}

/** The median of some loads of ten statements. */
async function loadSmall(service: Service, name: string): Promise<number> {
  const times: number[] = [];
  for (let load = 0; load < 7; load += 1) {
    const variables = Array.from({ length: 7 }, (_, index) => `    - !variable password-${String(index)}\n`);
    const policy = `- !policy\n  id: small-${name}-${String(load)}\n  body:\n    - &all\n${variables
      .map((line) => `  ${line}`)
      .join(
        '',
      )}    - !group readers\n    - !permit { role: !group readers, privileges: [ read ], resources: *all }\n`;
    const startedAt = performance.now();
    await loadPolicy(service, policy);
    times.push(performance.now() - startedAt);
  }
  return median(times);
}

const pingEveryMs = 5;

/** Sends one small request after the other, and remembers the slowest. */
function watchStalls(service: Service): { stop(): Promise<number> } {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  let longestMs = 0;
  let running = true;
  const watch = async (): Promise<void> => {
    while (running) {
      const startedAt = performance.now();
      await ping(`${service.url}/health/live`, agent);
      longestMs = Math.max(longestMs, performance.now() - startedAt);
      await new Promise((resolve) => setTimeout(resolve, pingEveryMs));
    }
    agent.destroy();
  };
  const watching = watch();
  return {
    stop: async () => {
      running = false;
      await watching;
      return longestMs;
    },
  };
}

async function ping(url: string, agent: Agent): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    get(url, { agent }, (response) => {
      response.resume().once('end', resolve).once('error', reject);
    }).once('error', reject);
  });
}
