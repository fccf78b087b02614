/**
 * One soak: real processes on one topology, clients that do what the seed says, faults meanwhile, and in the
 * end every answer compared with a model of what was acknowledged ({@link History}).
 */
import { setTimeout as pause } from 'node:timers/promises';
import { SecretReads } from '../../test/support/history/audit.ts';
import { History } from '../../test/support/history/history.ts';
import { isConnectionLost } from '../../test/support/history/outcome.ts';
import type { Violation } from '../../test/support/history/operations.ts';
import type { FaultName, TopologyName } from './arguments.ts';
import { listPair, readAsMember, readAsPermitted } from './authority.ts';
import { openCaller } from './call.ts';
import { tryIdToken, tryKey } from './credentials.ts';
import { startFleet, type Fleet } from './fleet.ts';
import { pickOperation } from './operations.ts';
import { askAsClient } from './provider.ts';
import { seededRandom } from './random.ts';
import { newestVersion, readSecret, readVersionOf, secretRegister } from './secrets.ts';
import { startTopology, type Topology } from './topologies.ts';
import { indexes, makeWorld, type Turn, type World } from './world.ts';

export interface SoakOptions {
  readonly topology: TopologyName;
  readonly seconds: number;
  readonly seed: number;
  readonly clients: number;
  readonly faults: FaultName;
}

export interface SoakResult {
  readonly options: SoakOptions;
  /** How often each status was answered, by operation; `lost` where a connection was. */
  readonly answers: ReadonlyMap<string, ReadonlyMap<string, number>>;
  readonly counts: ReturnType<History['counts']>;
  readonly secretReads: number;
  readonly faults: number;
  readonly violations: readonly Violation[];
  readonly residentMb: { readonly warm: number; readonly end: number };
  readonly answersPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** The part of the time after which memory is taken to be what a warm process needs. */
const warmUpShare = 0.3;
/** More than that over the warm process, in a run of minutes, is a leak. */
const maxGrowth = 1.5;
const shortestForMemorySeconds = 60;
const pauseBetweenFaultsMs = 2_500;
const versionsKept = 20;

export async function soak(options: SoakOptions): Promise<SoakResult> {
  const topology = await startTopology(options.topology, options.faults === 'failover');
  try {
    const fleet = await startFleet(topology);
    try {
      return await run(options, topology, fleet);
    } finally {
      const errors = await fleet.stop();
      if (errors !== '' && options.faults === 'none') process.stderr.write(errors.slice(0, 4_000));
    }
  } finally {
    await topology.stop();
  }
}

async function run(options: SoakOptions, topology: Topology, fleet: Fleet): Promise<SoakResult> {
  const history = new History();
  const reads = new SecretReads();
  const took: number[] = [];
  const caller = openCaller((ms) => took.push(ms));
  const world = await makeWorld({ history, reads, call: caller.call }, fleet.urls[0] ?? '', fleet.adminKey);
  try {
    took.length = 0;
    const deadlineMs = performance.now() + options.seconds * 1_000;
    const answers = new Map<string, Map<string, number>>();
    const clients = Promise.all(
      Array.from({ length: options.clients }, (_, client) =>
        drive(world, fleet, options.seed * 1_000 + client, deadlineMs, (name, answer) => {
          const ofName = answers.get(name) ?? new Map<string, number>();
          answers.set(name, ofName.set(answer, (ofName.get(answer) ?? 0) + 1));
        }),
      ),
    );
    const faults = injectFaults(options, { topology, fleet, history }, deadlineMs);
    const warm = await most(fleet, options.seconds * warmUpShare);
    await clients;
    const answersPerSecond = took.length / options.seconds;
    const injected = await faults;
    const end = fleet.residentMb();
    const versions = await readEverything(world, fleet);
    const violations = [
      ...history.check(),
      ...versions,
      ...(await reads.unaudited(fleet.auditFiles)),
      ...(options.faults === 'none' ? failures(answers) : []),
      ...growth(options.seconds, warm, end),
    ];
    return {
      options,
      answers,
      counts: history.counts(),
      secretReads: reads.count,
      faults: injected,
      violations,
      residentMb: { warm, end },
      answersPerSecond,
      ...percentiles(took),
    };
  } finally {
    await world.stop();
    await caller.close();
  }
}

/** The most memory that the processes have in that time: while one of them is down it is little. */
async function most(fleet: Fleet, seconds: number): Promise<number> {
  const untilMs = performance.now() + seconds * 1_000;
  let found = fleet.residentMb();
  while (performance.now() < untilMs) {
    await pause(Math.min(1_000, seconds * 1_000));
    found = Math.max(found, fleet.residentMb());
  }
  return found;
}

/** One client: one operation after the other, as the seed says. */
async function drive(
  world: World,
  fleet: Fleet,
  seed: number,
  deadlineMs: number,
  count: (name: string, answer: string) => void,
): Promise<void> {
  const random = seededRandom(seed);
  const turn: Turn = { ...world, random, url: () => random.pick(fleet.urls) };
  while (performance.now() < deadlineMs) {
    const operation = pickOperation(random);
    const answer = await operation.run(turn);
    count(operation.name, answer === undefined ? 'lost' : String(answer.status));
    // A process that is down refuses at once; do not spin.
    if (answer === undefined) await pause(20);
  }
}

async function injectFaults(
  { faults, seed }: SoakOptions,
  { topology, fleet, history }: Readonly<{ topology: Topology; fleet: Fleet; history: History }>,
  deadlineMs: number,
): Promise<number> {
  if (faults === 'none') return 0;
  const random = seededRandom(seed);
  let injected = 0;
  for (;;) {
    await pause(pauseBetweenFaultsMs + random.next(pauseBetweenFaultsMs));
    if (performance.now() >= deadlineMs) return injected;
    if (faults === 'failover' && topology.failOver !== undefined && injected % 2 === 0) {
      await topology.failOver();
    } else {
      await fleet.killOne(random);
      // By the time that it serves again nothing is under way of what it began before it died.
      if (faults === 'kill') history.settle();
    }
    injected += 1;
  }
}

/** Reads every register on every process once all is quiet, and what versions there are. */
async function readEverything(world: World, fleet: Fleet): Promise<readonly Violation[]> {
  const violations: Violation[] = [];
  await pause(1_000);
  world.history.settle();
  const { history } = world;
  for (const url of fleet.urls) {
    const turn: Turn = { ...world, random: seededRandom(1), url: () => url };
    await answering(turn);
    await tryIdToken(turn);
    for (const login of world.keys.keys()) if (/^(rotated|brief|host)/.test(login)) await tryKey(turn, login);
    for (const index of indexes) {
      await Promise.all([
        readSecret(turn, index),
        readAsMember(turn, index),
        readAsPermitted(turn, index),
        listPair(turn, index),
        askAsClient(turn, index),
      ]);
      const register = secretRegister(index);
      const newest = (await newestVersion(turn, index)) ?? 0;
      const { acknowledged, unknown } = history.writesOf(register);
      if (newest < acknowledged || newest > acknowledged + unknown)
        violations.push({
          register,
          message: `${String(newest)} versions, of ${String(acknowledged)} acknowledged writes and ${String(unknown)} of unknown outcome`,
          recent: [],
        });
      for (let version = Math.max(1, newest - versionsKept + 1); version <= newest; version += 1) {
        const answer = await readVersionOf(turn, index, version);
        if (answer?.status === 200) continue;
        violations.push({
          register,
          message: `version ${String(version)} of ${String(newest)} is gone`,
          recent: [],
        });
      }
    }
  }
  return violations;
}

/** Settles when a process reads from its store again, after the last fault. */
async function answering(turn: Turn): Promise<void> {
  const deadlineMs = performance.now() + 60_000;
  for (;;) {
    const answer = await turn.call(`${turn.url()}/health/ready`).catch((error: unknown) => {
      if (isConnectionLost(error)) return undefined;
      throw error;
    });
    if (answer?.status === 200) return;
    if (performance.now() > deadlineMs)
      throw new Error('a process is not ready a minute after the last fault');
    await pause(100);
  }
}

/** Without faults nobody is told that something went wrong. */
function failures(answers: SoakResult['answers']): readonly Violation[] {
  return [...answers].flatMap(([name, statuses]) =>
    [...statuses]
      .filter(([status]) => (status === 'lost' ? name !== 'read a version' : Number(status) >= 500))
      .map(([status, count]) => ({
        register: name,
        message: `${String(count)} answers ${status}`,
        recent: [],
      })),
  );
}

function growth(seconds: number, warm: number, end: number): readonly Violation[] {
  if (seconds < shortestForMemorySeconds || end <= warm * maxGrowth) return [];
  return [
    {
      register: 'memory',
      message: `${String(end)} MiB in the end, ${String(warm)} MiB when warm`,
      recent: [],
    },
  ];
}

function percentiles(took: readonly number[]): { readonly p50Ms: number; readonly p99Ms: number } {
  const sorted = Float64Array.from(took).sort();
  const at = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? 0;
  return { p50Ms: at(0.5), p99Ms: at(0.99) };
}
