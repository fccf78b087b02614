/** How long a fetch takes where the service is not saturated. */
import { answerBytes } from './hot-requests.ts';
import { openOwnGenerator } from './load.ts';
import { prepareService, type ServiceMeasurement } from './prepared-service.ts';
import type { Ratio } from './report.ts';
import { Stage, startFloor } from './stage.ts';
import { summarise } from './statistics.ts';
import { readFileSync } from 'node:fs';

const fewConnections = 8;
const warmUpSeconds = 2;
const shareOfSaturation = 0.7;

/** @throws Error an answer was not a 2xx */
export async function measureLatency(options: ServiceMeasurement): Promise<readonly Ratio[]> {
  const { rounds, seconds, connections, folder, say } = options;
  const ofFew: number[] = [];
  const ofSaturation: number[] = [];
  const stage = new Stage();
  try {
    const generator = await stage.open(Promise.resolve(openOwnGenerator()), (opened) => opened.close());
    const { service, fetch: requestsFile } = await prepareService(stage, folder, 'latency');
    const first = readFileSync(requestsFile, 'utf8').split('\0')[0] ?? '';
    const bytes = await answerBytes(service.port, first);
    const floor = await stage.open(startFloor('floor.js', { GET: bytes }), (opened) => opened.stop());
    const run = async (
      port: number,
      load: object,
      duration = seconds,
    ): Promise<{ rps: number; p99Ms: number }> => {
      const result = await generator.run({ port, connections, requestsFile, seconds: duration, ...load });
      if (result.failures > 0) throw new Error(`${String(result.failures)} answers were not 2xx`);
      return { rps: result.requests / result.seconds, p99Ms: result.p99Ms };
    };
    for (const { port } of [floor, service]) await run(port, {}, warmUpSeconds);
    for (let round = 0; round < rounds; round += 1) {
      const bare = await run(floor.port, { connections: fewConnections });
      const few = await run(service.port, { connections: fewConnections });
      ofFew.push(few.p99Ms / bare.p99Ms);
      const { rps } = await run(service.port, {});
      ofSaturation.push((await run(service.port, { perSecond: shareOfSaturation * rps })).p99Ms);
      say(`latency: round ${String(round + 1)} of ${String(rounds)}`);
    }
  } finally {
    await stage.close();
  }
  return [
    { name: 'fetch_p99_8_connections', ...summarise(ofFew) },
    { name: 'fetch_p99_at_70_percent_ms', ...summarise(ofSaturation) },
  ];
}
