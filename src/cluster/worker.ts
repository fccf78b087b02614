/** A worker's side: what it tells the process that looks after it, and what it asks. */
import cluster from 'node:cluster';
import type { Figures } from '../metrics/figures.ts';
import { isToWorker, type FromWorker, type StartFault, type Started } from './messages.ts';

/** Longer than the primary waits for the others. */
const gatherTimeoutMs = 3_000;

/** Whether this process is a worker. */
export function isWorker(): boolean {
  return cluster.isWorker;
}

/** Tells that this worker serves. */
export function reportStarted(started: Started): void {
  void tell({ latchkey: 'started', started });
}

/** Tells why this worker cannot start, and settles once that is on its way. */
export async function reportFault(fault: StartFault): Promise<void> {
  await tell({ latchkey: 'failed', fault });
}

/** Tells what was counted until the end, and lets go of the primary, so that the process can end. */
export async function takeLeave(figures: Figures | undefined): Promise<void> {
  if (figures !== undefined) await tell({ latchkey: 'figures', request: undefined, figures });
  if (cluster.worker !== undefined) cluster.worker.exitedAfterDisconnect = true;
  if (process.connected) process.disconnect();
}

/**
 * Settles when the primary is gone. Without it nobody would replace or stop this worker, and nobody
 * hands it connections; what it has begun, it can finish.
 */
export async function primaryGone(): Promise<void> {
  const { worker } = cluster;
  await new Promise<void>((resolve) => {
    worker?.once('disconnect', () => {
      // Else Node.js ends the process at once, in the middle of whatever it does.
      worker.exitedAfterDisconnect = true;
      resolve();
    });
  });
}

/**
 * Lets others ask this worker for its figures.
 * @param own what it counted so far
 * @returns a function that asks for those of all the others; fewer, if the primary does not answer in time
 */
export function exchangeFigures(own: () => Promise<Figures>): () => Promise<readonly Figures[]> {
  const waiting = new Map<number, (figures: readonly Figures[]) => void>();
  let requests = 0;
  process.on('message', (message: unknown) => {
    if (!isToWorker(message)) return;
    if (message.latchkey === 'gathered') waiting.get(message.request)?.(message.figures);
    else void answer(message.request, own);
  });
  return async () => {
    const request = (requests += 1);
    const figures = await own();
    const gathered = new Promise<readonly Figures[]>((resolve) => {
      const timer = setTimeout(resolve, gatherTimeoutMs, []);
      waiting.set(request, (all) => {
        clearTimeout(timer);
        resolve(all);
      });
    });
    await tell({ latchkey: 'figures-wanted', request, own: figures });
    const all = await gathered;
    waiting.delete(request);
    return all;
  };
}

async function answer(request: number, own: () => Promise<Figures>): Promise<void> {
  await tell({ latchkey: 'figures', request, figures: await own() });
}

/** A primary that is gone hears nothing, which is no fault of the worker's. */
async function tell(message: FromWorker): Promise<void> {
  await new Promise<void>((resolve) => {
    if (process.send === undefined || !process.connected) resolve();
    else {
      process.send(message, undefined, undefined, () => {
        resolve();
      });
    }
  });
}
