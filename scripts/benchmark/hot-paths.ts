/** Single requests, each against a floor that answers the same ones. */
import { join } from 'node:path';
import type { Measurement } from './arguments.ts';
import {
  answerBytes,
  authenticateRequests,
  authenticators,
  fetchRequests,
  populate,
  withNewTokens,
  writeRequests,
} from './hot-requests.ts';
import { startIssuer, type Algorithm, type Issuer } from './issuer.ts';
import { openLoadGenerator, type LoadGenerator } from './load.ts';
import { memoryOf } from './processes.ts';
import { setUpProvider } from './provider-paths.ts';
import { measure, warmUp, type Run } from './runs.ts';
import { startService, type Service } from './service.ts';
import {
  addPath,
  openRedis,
  Stage,
  startFloor,
  type HotPath,
  type HotPathOptions,
  type NewPath,
} from './stage.ts';

export interface HotPathResult {
  readonly paths: readonly HotPath[];
  readonly runs: ReadonlyMap<string, readonly Run[]>;
  readonly rssMb: ReadonlyMap<string, number>;
  readonly generator: string;
}

const warmUpSeconds = 2;
const maxStarts = 3;

/**
 * Rounds are spread over a few fresh starts of every process: how much garbage collection costs
 * differs from one process to the next of the same program, by up to a fifth of all.
 * @throws Error an answer was not a 2xx, or something did not start
 */
export async function measureHotPaths(options: HotPathOptions): Promise<HotPathResult> {
  const generator = openLoadGenerator(options.folder);
  options.say(`load: ${generator.name}, ${String(options.connections)} connections`);
  const runs = new Map<string, Run[]>();
  const rssMb = new Map<string, number>();
  let paths: readonly HotPath[] = [];
  const starts = Math.min(maxStarts, options.rounds);
  try {
    for (let start = 0; start < starts; start += 1) {
      const rounds = Math.floor((options.rounds + start) / starts);
      options.say(`start ${String(start + 1)} of ${String(starts)}: ${String(rounds)} rounds`);
      paths = await measureOneStart(generator, { ...options, rounds }, runs, rssMb);
    }
  } finally {
    await generator.close();
  }
  return { paths, runs, rssMb, generator: generator.name };
}

async function measureOneStart(
  generator: LoadGenerator,
  options: HotPathOptions,
  runs: Map<string, Run[]>,
  rssMb: Map<string, number>,
): Promise<readonly HotPath[]> {
  const stage = new Stage();
  try {
    await setUp(stage, options);
    for (const variant of stage.variants) {
      await warmUp(generator, variant, { ...options, seconds: warmUpSeconds });
    }
    for (let round = 0; round < options.rounds; round += 1) {
      for (const variant of rotated(stage.variants, round)) {
        const run = await measure(generator, variant, options);
        runs.set(variant.name, [...(runs.get(variant.name) ?? []), run]);
      }
    }
    for (const { name, pid } of stage.variants) {
      rssMb.set(name, Math.max(rssMb.get(name) ?? 0, memoryOf(pid).rssMb));
    }
    return stage.paths;
  } finally {
    await stage.close();
  }
}

function rotated<T>(items: readonly T[], by: number): readonly T[] {
  const start = by % items.length;
  return [...items.slice(start), ...items.slice(0, start)];
}

async function setUp(stage: Stage, options: HotPathOptions): Promise<void> {
  const issuer = await stage.open(startIssuer(), (opened) => opened.close());
  if ([...options.only].some((name) => onLmdb.test(name))) {
    await setUpLmdb(stage, options, issuer);
  }
  if (options.only.has('secret_fetch_redis')) await setUpRedis(stage, options, issuer);
  await setUpProvider(stage, options);
}

const onLmdb = /^(?:secret_fetch_lmdb|secret_fetch_new_tokens|authenticate_.*)$/;

async function setUpLmdb(stage: Stage, options: HotPathOptions, issuer: Issuer): Promise<void> {
  options.say('starting the service on LMDB');
  const service = await stage.open(startMeasured(), (opened) => opened.stop());
  const keys = await populate(service, issuer);
  if (options.only.has('secret_fetch_lmdb')) {
    const requests = await fetchRequests(service, keys);
    await addBarePath(stage, options, { name: 'secret_fetch_lmdb', floor: 'bare_fetch', service }, requests);
  }
  if (options.only.has('secret_fetch_new_tokens')) {
    const requests = withNewTokens(await fetchRequests(service, keys));
    const name = 'secret_fetch_new_tokens';
    await addBarePath(stage, options, { name, floor: 'bare_fetch', service }, requests);
  }
  for (const [name, algorithm] of authentications) {
    if (!options.only.has(name)) continue;
    options.say(`signing ${algorithm} ID tokens`);
    const requests = authenticateRequests(issuer, algorithm);
    await addBarePath(stage, options, { name, floor: `bare_${name}`, service }, requests);
  }
}

const authentications = [
  ['authenticate_rs256', 'RS256'],
  ['authenticate_es256', 'ES256'],
] as const satisfies readonly (readonly [Measurement, Algorithm])[];

async function setUpRedis(stage: Stage, options: HotPathOptions, issuer: Issuer): Promise<void> {
  options.say('starting the service on Redis');
  const { url, pid: storePid } = await openRedis(stage);
  const settings = { LATCHKEY_STORE: url };
  const service = await stage.open(startMeasured(settings), (opened) => opened.stop());
  const requests = await fetchRequests(service, await populate(service, issuer));
  const name = 'secret_fetch_redis';
  await addBarePath(stage, options, { name, floor: 'bare_fetch', service, storePid }, requests);
}

/** Against bare node:http that answers as many bytes. */
async function addBarePath(
  stage: Stage,
  { folder }: HotPathOptions,
  added: Omit<NewPath, 'openFloor' | 'requestsFile'>,
  requests: readonly string[],
): Promise<void> {
  const first = requests[0] ?? '';
  const bytes = await answerBytes(added.service.port, first);
  const method = first.slice(0, first.indexOf(' '));
  await addPath(stage, {
    ...added,
    requestsFile: writeRequests(join(folder, `${added.name}.requests`), requests),
    openFloor: () => startFloor('floor.js', { [method]: bytes }),
  });
}

function startMeasured(settings: Readonly<Record<string, string>> = {}): Promise<Service> {
  return startService({ LATCHKEY_AUTHENTICATORS: authenticators, ...settings });
}
