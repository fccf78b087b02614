/** Runs a command of the operator as a process of its own, on the store that the settings name. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../src/main.js', import.meta.url));

export interface OperatorRun {
  readonly process: ChildProcess;
  /** What it wrote so far. */
  output(): string;
  errors(): string;
  /** Its exit code, once it has ended; null where it was killed. */
  readonly exited: Promise<number | null>;
}

export function startOperator(args: readonly string[], env: Readonly<Record<string, string>>): OperatorRun {
  const child = spawn(process.execPath, [program, ...args], {
    env: { PATH: process.env['PATH'] ?? '', LATCHKEY_LOG_LEVEL: 'warn', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const texts = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    texts.out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    texts.err += text;
  });
  return {
    process: child,
    output: () => texts.out,
    errors: () => texts.err,
    exited: once(child, 'close').then(([code]) => code as number | null),
  };
}

/** Runs it to its end, and insists that it ends well; its output. */
export async function runOperator(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<string> {
  const run = startOperator(args, env);
  const code = await run.exited;
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${String(code)}: ${run.errors()}`);
  return run.output();
}
