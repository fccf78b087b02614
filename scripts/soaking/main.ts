import { randomInt } from 'node:crypto';
import { readArguments, type SoakArguments } from './arguments.ts';
import { reportOf } from './report.ts';
import { soak } from './soak.ts';

async function main(): Promise<number> {
  let given: SoakArguments;
  try {
    given = readArguments(process.argv.slice(2), () => randomInt(1, 1_000_000));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 2;
  }
  let violations = 0;
  for (const topology of given.topologies) {
    const result = await soak({ ...given, topology });
    process.stdout.write(reportOf(result));
    violations += result.violations.length;
  }
  return violations === 0 ? 0 : 1;
}

process.exit(await main());
