/** Two workers of one service, of one: on the same cores, with the load from there, too. */
import { openOwnGenerator, type LoadGenerator } from './load.ts';
import { prepareService, type PreparedService, type ServiceMeasurement } from './prepared-service.ts';
import type { Ratio } from './report.ts';
import { Stage } from './stage.ts';
import { summarise } from './statistics.ts';

const warmUpSeconds = 2;

/** @throws Error an answer was not a 2xx */
export async function measureWorkers(options: ServiceMeasurement): Promise<readonly Ratio[]> {
  const { rounds, folder, say } = options;
  const stage = new Stage();
  const ratios = { two_workers_fetch: [] as number[], two_workers_authenticate: [] as number[] };
  try {
    const generator = await stage.open(Promise.resolve(openOwnGenerator('any')), (opened) => opened.close());
    const one = await prepareService(stage, folder, 'one', {}, 'any');
    const two = await prepareService(stage, folder, 'two', { LATCHKEY_WORKERS: '2' }, 'any');
    for (const kind of ['fetch', 'authenticate'] as const) {
      for (const prepared of [one, two]) await perSecond(generator, prepared, kind, options, warmUpSeconds);
    }
    for (let round = 0; round < rounds; round += 1) {
      for (const kind of ['fetch', 'authenticate'] as const) {
        const ofOne = await perSecond(generator, one, kind, options);
        const ofTwo = await perSecond(generator, two, kind, options);
        ratios[`two_workers_${kind}`].push(ofTwo / ofOne);
      }
      say(`two workers: round ${String(round + 1)} of ${String(rounds)}`);
    }
  } finally {
    await stage.close();
  }
  return Object.entries(ratios).map(([name, figures]) => ({ name, ...summarise(figures) }));
}

async function perSecond(
  generator: LoadGenerator,
  prepared: PreparedService,
  kind: 'fetch' | 'authenticate',
  { connections, seconds }: ServiceMeasurement,
  duration = seconds,
): Promise<number> {
  const { port } = prepared.service;
  const result = await generator.run({ port, connections, seconds: duration, requestsFile: prepared[kind] });
  if (result.failures > 0) throw new Error(`${kind}: ${String(result.failures)} answers were not 2xx`);
  return result.requests / result.seconds;
}
