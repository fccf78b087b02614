/** Child processes on chosen cores, and what Linux tells of their CPU time and memory. */
import { execFileSync, spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, readFileSync, readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What is measured has the first core to itself; what drives it has the second. */
export const serverCore = 0;
export const loadCore = 1;

/** Where a program on the path is. */
export function findProgram(name: string): string | undefined {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return join(folder, name);
    } catch {
      continue;
    }
  }
  return undefined;
}

/** Whether processes can be kept on one core each. */
export const pinning = findProgram('taskset') !== undefined && availableParallelism() > 1;

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
}

/** The command that runs a program on one core, where that can be arranged and is wanted. */
export function commandOn(core: number | undefined, program: string, args: readonly string[]): Command {
  if (!pinning || core === undefined) return { program, args };
  return { program: 'taskset', args: ['-c', String(core), program, ...args] };
}

/** Starts a program on one core; its environment has nothing but the path and what is given. */
export function spawnOn(
  core: number | undefined,
  command: Command,
  options: { readonly stdio: StdioOptions; readonly env?: Readonly<Record<string, string>> },
): ChildProcess {
  const { program, args } = commandOn(core, command.program, command.args);
  const child = spawn(program, args, {
    stdio: options.stdio,
    env: { PATH: process.env['PATH'] ?? '', ...options.env },
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

const running = new Set<ChildProcess>();

process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Moves a process that runs already, with all its threads. */
export function moveTo(core: number, pid: number): void {
  if (pinning) execFileSync('taskset', ['-a', '-c', '-p', String(core), String(pid)], { stdio: 'ignore' });
}

/** The path of a program of this folder, as compiled. */
export function siblingProgram(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

/** Ends a process and waits for it. */
export async function stopProcess(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill(signal);
  await exited;
}

/** The unit of CPU times in /proc, which is the same on every Linux that Node.js runs on. */
const tickSeconds = 0.01;

/** CPU seconds that a process and its descendants have used. */
export function cpuSecondsOf(pid: number): number {
  const parents = new Map<number, number>();
  const ticks = new Map<number, number>();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const fields = statOf(entry);
    if (fields === undefined) continue;
    parents.set(Number(entry), Number(fields[1]));
    ticks.set(Number(entry), Number(fields[11]) + Number(fields[12]));
  }
  const belongs = (candidate: number | undefined): boolean =>
    candidate !== undefined && (candidate === pid || belongs(parents.get(candidate)));
  let sum = 0;
  for (const [candidate, used] of ticks) if (belongs(candidate)) sum += used;
  return sum * tickSeconds;
}

/** The fields of /proc/PID/stat after the name, which may itself have blanks. */
function statOf(pid: string): readonly string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

/** CPU seconds that the whole machine has been busy. */
export function machineBusySeconds(): number {
  const [, user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = (
    readFileSync('/proc/stat', 'utf8').split('\n')[0] ?? ''
  )
    .split(/ +/)
    .map(Number);
  return (user + nice + system + irq + softirq) * tickSeconds;
}

export interface Memory {
  /** Resident now. */
  readonly rssMb: number;
  /** The most that ever was. */
  readonly peakRssMb: number;
}

export function memoryOf(pid: number): Memory {
  const status = readFileSync(`/proc/${String(pid)}/status`, 'utf8');
  const field = (name: string): number =>
    Math.round(Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 1024);
  return { rssMb: field('VmRSS'), peakRssMb: field('VmHWM') };
}
