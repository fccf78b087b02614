/** Connections on their way from the primary, which accepts them, to a worker. */
import type { Worker } from 'node:cluster';

interface Handle {
  close(): void;
}

type Send = (message: unknown, handle?: unknown, ...rest: unknown[]) => boolean;

/**
 * Closes the connection that a worker had not taken over when it died. Node.js keeps it open for ever in
 * the primary: its client would wait for an answer until its own patience ends.
 *
 * A worker is given one connection at a time, so that it is the last one; closing one that was taken
 * over does nothing, as the primary has closed its side of it by then.
 */
export class Handovers {
  readonly #last = new Map<number, Handle>();

  watch(worker: Worker): void {
    const child = worker.process as unknown as { send: Send };
    const send = child.send.bind(worker.process);
    child.send = (message, handle, ...rest) => {
      if (isConnection(message) && isHandle(handle)) this.#last.set(worker.id, handle);
      return send(message, handle, ...rest);
    };
  }

  ended({ id }: Worker): void {
    const handle = this.#last.get(id);
    this.#last.delete(id);
    // One that a worker refused, as it was closing, is on its way to another one.
    if (handle !== undefined && ![...this.#last.values()].includes(handle)) handle.close();
  }
}

/** How Node.js announces a connection to a worker. */
function isConnection(message: unknown): boolean {
  return typeof message === 'object' && message !== null && 'act' in message && message.act === 'newconn';
}

function isHandle(value: unknown): value is Handle {
  return typeof value === 'object' && value !== null && 'close' in value && typeof value.close === 'function';
}
