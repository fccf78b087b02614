/**
 * What a service does with four times the load that saturates it: how much of its best throughput it still
 * answers with a 2xx, and how long those take.
 */
import { join } from 'node:path';
import { openOwnGenerator, type LoadGenerator, type LoadOrder } from './load.ts';
import { prepareService, type ServiceMeasurement } from './prepared-service.ts';
import type { Ratio } from './report.ts';
import { writeRequests } from './hot-requests.ts';
import { account } from './service.ts';
import { Stage } from './stage.ts';
import { summarise } from './statistics.ts';

const factor = 4;
const password = 'The-Password-1-of-Admin';

/** Each with the connections that keep it busy, every one asking again as soon as it was answered. */
const saturating = { fetch: 48, authenticate: 48, login: 8 } as const;
type Kind = keyof typeof saturating;

interface Outcome {
  readonly goodput: number;
  readonly p99Ms: number;
}

/** @throws Error an answer was neither a 2xx nor a 503 */
export async function measureOverload(options: ServiceMeasurement): Promise<readonly Ratio[]> {
  const { rounds, seconds, folder, say } = options;
  const figures = new Map<string, number[]>();
  const note = (name: string, figure: number): void => {
    figures.set(name, [...(figures.get(name) ?? []), figure]);
  };
  const stage = new Stage();
  try {
    const generator = await stage.open(Promise.resolve(openOwnGenerator()), (opened) => opened.close());
    const { service, ...files } = await prepareService(stage, folder, 'overload', {
      LATCHKEY_ADMIN_PASSWORD: password,
    });
    const requests = { ...files, login: writeRequests(join(folder, 'login.requests'), [loginRequest()]) };
    const outcomeOf = (kind: Kind, shape: Pick<LoadOrder, 'connections' | 'perSecond'>): Promise<Outcome> =>
      outcome(generator, { port: service.port, requestsFile: requests[kind], seconds, ...shape });
    for (let round = 0; round < rounds; round += 1) {
      for (const kind of ['fetch', 'authenticate', 'login'] as const) {
        const connections = saturating[kind];
        if (round === 0) await outcomeOf(kind, { connections });
        const best = await outcomeOf(kind, { connections });
        const closed = await outcomeOf(kind, { connections: factor * connections });
        note(`overload_${kind}`, closed.goodput / best.goodput);
        note(`overload_${kind}_p99_ms`, closed.p99Ms);
        note(`overload_${kind}_p99_before_ms`, best.p99Ms);
        // Only where to refuse costs much less than to answer: else nobody could refuse as many as that.
        if (kind !== 'login') continue;
        const perSecond = factor * best.goodput;
        const open = await outcomeOf(kind, { connections: 16 * connections, perSecond });
        note(`overload_${kind}_open`, open.goodput / best.goodput);
        note(`overload_${kind}_open_p99_ms`, open.p99Ms);
      }
      say(`overload: round ${String(round + 1)} of ${String(rounds)}`);
    }
  } finally {
    await stage.close();
  }
  return [...figures].map(([name, values]) => ({ name, ...summarise(values) }));
}

function loginRequest(): string {
  const basic = Buffer.from(`admin:${password}`).toString('base64');
  return `GET /authn/${account}/login HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Basic ${basic}\r\n\r\n`;
}

async function outcome(generator: LoadGenerator, order: LoadOrder): Promise<Outcome> {
  const { requests, failures, refusals, seconds, p99Ms } = await generator.run(order);
  if (failures > refusals) throw new Error(`${String(failures - refusals)} answers were neither 2xx nor 503`);
  return { goodput: (requests - failures) / seconds, p99Ms };
}
