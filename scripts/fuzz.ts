/**
 * `npm run fuzz`: every property of the tests, each for its share of the time. A failure prints the smallest
 * counterexample; the same seed finds it again.
 */
import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const usage = 'usage: scripts/fuzz [--minutes M] [--seed N] [--only TEXT]\n';

interface Fuzzing {
  readonly minutes: number;
  readonly seed: number;
  /** Only files whose path holds this. */
  readonly only: string;
}

/** @throws Error an argument is unknown, or no number that can be used */
function readArguments(argv: readonly string[]): Fuzzing {
  const { values } = parseArgs({
    args: [...argv],
    options: { minutes: { type: 'string' }, seed: { type: 'string' }, only: { type: 'string' } },
  });
  const minutes = Number(values.minutes ?? 5);
  const seed = Number(values.seed ?? randomInt(2 ** 31));
  if (!(minutes > 0 && minutes <= 24 * 60)) throw new Error('--minutes: expected a number up to 1440');
  if (!Number.isInteger(seed)) throw new Error('--seed: expected a whole number');
  return { minutes, seed, only: values.only ?? '' };
}

interface PropertyFile {
  readonly path: string;
  readonly properties: number;
}

async function propertyFiles(only: string): Promise<readonly PropertyFile[]> {
  const folder = 'build/test';
  const paths = (await readdir(folder, { recursive: true }))
    .filter((path) => path.endsWith('.test.js') && path.includes(only))
    .map((path) => join(folder, path))
    .sort();
  const files: PropertyFile[] = [];
  for (const path of paths) {
    const properties = (await readFile(path, 'utf8')).split('assertProperty(').length - 1;
    if (properties > 0) files.push({ path, properties });
  }
  return files;
}

async function fuzz({ minutes, seed, only }: Fuzzing): Promise<number> {
  const files = await propertyFiles(only);
  const properties = files.reduce((sum, file) => sum + file.properties, 0);
  if (properties === 0) {
    process.stderr.write(`no property test has '${only}' in its path\n`);
    return 1;
  }
  const seconds = (minutes * 60) / properties;
  process.stdout.write(
    `seed ${String(seed)}: ${String(properties)} properties in ${String(files.length)} files, ${seconds.toFixed(1)} s each\n`,
  );
  const runner = ['node_modules/mocha/bin/mocha.js', '--no-config', '--enable-source-maps', '--exit'];
  // A property ends by itself when its time is over; the rest is for what it starts and stops.
  const timeoutMs = Math.ceil(seconds * 1_000) + 120_000;
  const mocha = spawn(
    process.execPath,
    [...runner, '--timeout', String(timeoutMs), ...files.map(({ path }) => path)],
    {
      stdio: 'inherit',
      env: { ...process.env, LATCHKEY_FUZZ_SEED: String(seed), LATCHKEY_FUZZ_SECONDS: String(seconds) },
    },
  );
  const [code] = (await once(mocha, 'exit')) as [number | null];
  process.stdout.write(`${code === 0 ? 'nothing was found' : 'something was found'}; seed ${String(seed)}\n`);
  return code ?? 1;
}

try {
  process.exitCode = await fuzz(readArguments(process.argv.slice(2)));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
  process.exitCode = 2;
}
