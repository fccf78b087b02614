/** What is up during the measurements: the service, its stores, and the floors that it is compared with. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Redis } from 'ioredis';
import { startRedis } from '../../test/support/redis-server.ts';
import type { Measurement } from './arguments.ts';
import { loadCore, moveTo, serverCore, siblingProgram, spawnOn, stopProcess } from './processes.ts';
import type { RunOptions, Variant } from './runs.ts';
import type { Service } from './service.ts';

/** One comparison: the service, and the floor of the same shape. */
export interface HotPath {
  readonly name: Measurement;
  readonly variant: string;
  readonly floor: string;
}

export interface HotPathOptions extends RunOptions {
  readonly rounds: number;
  readonly only: ReadonlySet<Measurement>;
  /** For the files of a run. */
  readonly folder: string;
  readonly say: (text: string) => void;
}

/** What is open; closed in reverse order. */
export class Stage {
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

export interface NewPath {
  readonly name: Measurement;
  readonly floor: string;
  /** Called where there is no floor of that name yet. */
  readonly openFloor: () => Promise<Floor>;
  readonly service: Service;
  readonly requestsFile: string;
  readonly renew?: (seconds: number) => Promise<void>;
  readonly storePid?: number;
}

/** Adds the service to the variants, and its floor where that is not among them yet. */
export async function addPath(stage: Stage, added: NewPath): Promise<void> {
  const { name, floor, openFloor, service, requestsFile, renew, storePid } = added;
  if (!stage.variants.some((variant) => variant.name === floor)) {
    const { port, pid } = await stage.open(openFloor(), (opened) => opened.stop());
    stage.variants.push({ name: floor, port, pid, requestsFile });
  }
  const { port, pid } = service;
  const once = renew === undefined ? {} : { renew };
  const store = storePid === undefined ? {} : { storePid };
  stage.variants.push({ name, port, pid, requestsFile, ...once, ...store });
  stage.paths.push({ name, variant: name, floor });
}

export interface Floor {
  readonly port: number;
  readonly pid: number;
  stop(): Promise<void>;
}

/**
 * Starts a floor: a program of this folder that is told over IPC what to answer, and answers with its port.
 * @param program `floor.js`
 */
export async function startFloor(program: string, told: object): Promise<Floor> {
  const child: ChildProcess = spawnOn(
    serverCore,
    { program: process.execPath, args: [siblingProgram(program)] },
    { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] },
  );
  const started = once(child, 'message');
  child.send(told);
  const [{ port }] = (await started) as [{ readonly port: number }];
  return { port, pid: child.pid ?? 0, stop: () => stopProcess(child, 'SIGTERM') };
}

/** A Redis of our own, beside the load generator. */
export async function openRedis(stage: Stage): Promise<{ readonly url: string; readonly pid: number }> {
  const { url } = await stage.open(startRedis(), (opened) => opened.stop());
  const pid = await pidOfRedis(url);
  moveTo(loadCore, pid);
  return { url, pid };
}

async function pidOfRedis(url: string): Promise<number> {
  const client = new Redis(url);
  try {
    return Number(/^process_id:(\d+)/m.exec(await client.info('server'))?.[1]);
  } finally {
    client.disconnect();
  }
}
