/** Runs programs and tells what came of them. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

export type Outcome = 'passed' | 'failed' | 'not run';

export function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** The interpreter that the system's packages are for. */
export const python = process.env['PYTHON'] ?? '/usr/bin/python3';

const timeoutMs = 60_000;

/**
 * Runs a program to its end; what it writes is shown.
 * @returns its exit code; undefined where it could not be started or took longer than a minute
 */
export async function exitCodeOf(
  program: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  stdio: 'inherit' | 'ignore' = 'inherit',
): Promise<number | undefined> {
  const env = { PATH: process.env['PATH'] ?? '', PYTHONDONTWRITEBYTECODE: '1', ...environment };
  const child = spawn(program, args, { env, stdio: ['ignore', stdio, stdio], timeout: timeoutMs });
  try {
    const [code] = (await once(child, 'exit')) as [number | null];
    return code ?? undefined;
  } catch {
    return undefined;
  }
}

/** Runs one of the scripts in Python beside this file's source, unless a module that it takes is missing. */
export async function runPython(
  script: string,
  modules: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<Outcome> {
  const imports = modules.map((name) => `import ${name}`).join('; ');
  if ((await exitCodeOf(python, ['-c', imports], {}, 'ignore')) !== 0) {
    say(`  ${python} does not have ${modules.join(', ')}`);
    return 'not run';
  }
  const code = await exitCodeOf(python, [`scripts/clients/${script}`], environment);
  return code === 0 ? 'passed' : 'failed';
}
