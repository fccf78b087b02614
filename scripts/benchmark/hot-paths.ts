/** Secret fetch and authenticate, each against a bare node:http server that answers the same requests. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { startRedis } from '../../test/support/redis-server.ts';
import type { Measurement } from './arguments.ts';
import {
  answerBytes,
  authenticateRequests,
  authenticators,
  fetchRequests,
  populate,
  writeRequests,
} from './hot-requests.ts';
import { startIssuer, type Algorithm, type Issuer } from './issuer.ts';
import { openLoadGenerator, type LoadGenerator } from './load.ts';
import { loadCore, memoryOf, moveTo, serverCore, siblingProgram, spawnOn, stopProcess } from './processes.ts';
import { measure, type Run, type RunOptions, type Variant } from './runs.ts';
import { startService, type Service } from './service.ts';

/** One comparison: the service, and the floor of the same shape. */
export interface HotPath {
  readonly name: Measurement;
  readonly variant: string;
  readonly floor: string;
}

export interface HotPathResult {
  readonly paths: readonly HotPath[];
  readonly runs: ReadonlyMap<string, readonly Run[]>;
  readonly rssMb: ReadonlyMap<string, number>;
  readonly generator: string;
}

export interface HotPathOptions extends RunOptions {
  readonly rounds: number;
  readonly only: ReadonlySet<Measurement>;
  /** For the files of a run. */
  readonly folder: string;
  readonly say: (text: string) => void;
}

const warmUpSeconds = 2;
const maxStarts = 3;

/** What is up during the measurements; closed in reverse order. */
class Stage {
  readonly variants: Variant[] = [];
  readonly paths: HotPath[] = [];
  readonly #closers: (() => Promise<void>)[] = [];

  async open<T>(opening: Promise<T>, close: (opened: T) => Promise<void>): Promise<T> {
    const opened = await opening;
    this.#closers.push(() => close(opened));
    return opened;
  }

  async close(): Promise<void> {
    for (const close of this.#closers.reverse()) await close();
  }
}

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
      await generator.run({ ...variant, connections: options.connections, seconds: warmUpSeconds });
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
  if ([...options.only].some((name) => name === 'secret_fetch_lmdb' || name.startsWith('authenticate_'))) {
    await setUpLmdb(stage, options, issuer);
  }
  if (options.only.has('secret_fetch_redis')) await setUpRedis(stage, options, issuer);
}

async function setUpLmdb(stage: Stage, options: HotPathOptions, issuer: Issuer): Promise<void> {
  options.say('starting the service on LMDB');
  const service = await stage.open(startMeasured(), (opened) => opened.stop());
  const keys = await populate(service, issuer);
  if (options.only.has('secret_fetch_lmdb')) {
    const requests = await fetchRequests(service, keys);
    await addPath(stage, options, { name: 'secret_fetch_lmdb', floor: 'bare_fetch', service, requests });
  }
  for (const [name, algorithm] of authentications) {
    if (!options.only.has(name)) continue;
    options.say(`signing ${algorithm} ID tokens`);
    const requests = authenticateRequests(issuer, algorithm);
    await addPath(stage, options, { name, floor: `bare_${name}`, service, requests });
  }
}

const authentications = [
  ['authenticate_rs256', 'RS256'],
  ['authenticate_es256', 'ES256'],
] as const satisfies readonly (readonly [Measurement, Algorithm])[];

async function setUpRedis(stage: Stage, options: HotPathOptions, issuer: Issuer): Promise<void> {
  options.say('starting the service on Redis');
  const redis = await stage.open(startRedis(), (opened) => opened.stop());
  const storePid = await pidOfRedis(redis.url);
  moveTo(loadCore, storePid);
  const settings = { LATCHKEY_STORE: redis.url };
  const service = await stage.open(startMeasured(settings), (opened) => opened.stop());
  const requests = await fetchRequests(service, await populate(service, issuer));
  const name = 'secret_fetch_redis';
  await addPath(stage, options, { name, floor: 'bare_fetch', service, requests, storePid });
}

interface NewPath {
  readonly name: Measurement;
  readonly floor: string;
  readonly service: Service;
  readonly requests: readonly string[];
  readonly storePid?: number;
}

/** Adds the service to the variants, and a floor of its shape where there is none yet. */
async function addPath(stage: Stage, options: HotPathOptions, added: NewPath): Promise<void> {
  const { name, floor, service, requests, storePid } = added;
  const requestsFile = writeRequests(join(options.folder, `${name}.requests`), requests);
  const first = requests[0] ?? '';
  const bytes = await answerBytes(service.port, first);
  if (!stage.variants.some((variant) => variant.name === floor)) {
    const method = first.slice(0, first.indexOf(' '));
    const { port, pid } = await stage.open(startFloor({ [method]: bytes }), (opened) => opened.stop());
    stage.variants.push({ name: floor, port, pid, requestsFile });
  }
  const { port, pid } = service;
  const store = storePid === undefined ? {} : { storePid };
  stage.variants.push({ name, port, pid, requestsFile, ...store });
  stage.paths.push({ name, variant: name, floor });
}

function startMeasured(settings: Readonly<Record<string, string>> = {}): Promise<Service> {
  return startService({ LATCHKEY_AUTHENTICATORS: authenticators, ...settings });
}

interface Floor {
  readonly port: number;
  readonly pid: number;
  stop(): Promise<void>;
}

async function startFloor(answerSizes: Readonly<Record<string, number>>): Promise<Floor> {
  const child: ChildProcess = spawnOn(
    serverCore,
    { program: process.execPath, args: [siblingProgram('floor.js')] },
    { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] },
  );
  const started = once(child, 'message');
  child.send(answerSizes);
  const [{ port }] = (await started) as [{ readonly port: number }];
  return { port, pid: child.pid ?? 0, stop: () => stopProcess(child, 'SIGTERM') };
}

async function pidOfRedis(url: string): Promise<number> {
  const client = new Redis(url);
  try {
    return Number(/^process_id:(\d+)/m.exec(await client.info('server'))?.[1]);
  } finally {
    client.disconnect();
  }
}
