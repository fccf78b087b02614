/** Stopping a server so that clients notice before their connections end. */
import type { Server } from 'node:http';
import { Server as NetServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type Koa from 'koa';

type Handle = ReturnType<Koa['callback']>;

const lookEveryMs = 25;

export interface DrainTimes {
  /** How long connections that are kept alive are asked to close before idle ones are closed. */
  readonly idleMs: number;
  /** How long requests under way may take, counted from the start. */
  readonly timeoutMs: number;
}

/**
 * Whether a server is stopping, and how it does.
 *
 * HTTP/1.1 lets a server close an idle connection at any time, also in the moment when a request is on
 * its way to it, which then fails for a client that does not send it again. So every answer first says
 * `Connection: close` for a while: connections that are used at least that often end after an answer,
 * and a client that connected at the last moment still gets one.
 * @see RFC 9112 section 9.6
 */
export class Drain {
  #under = false;

  get isUnderWay(): boolean {
    return this.#under;
  }

  /** Handles requests as `handle` does; while stopping, answers end their connections. */
  announcing(handle: Handle): Handle {
    return async (request, response) => {
      if (this.#under) response.setHeader('Connection', 'close');
      await handle(request, response);
    };
  }

  /** Stops the server; settles when its last connection has ended. */
  async run(server: Server, { idleMs, timeoutMs }: DrainTimes): Promise<void> {
    this.#under = true;
    const startedAt = performance.now();
    // Accepts until half of the time is over, for balancers that have yet to see that it is not ready.
    await this.#unlessUnused(server, startedAt + idleMs / 2);
    const stopped = stopAccepting(server);
    await this.#unlessUnused(server, startedAt + idleMs);
    const ended = stopped.then(() => true);
    while (performance.now() < startedAt + timeoutMs) {
      // Again and again: an answer that was under way as this began did not announce the end.
      server.closeIdleConnections();
      if (await Promise.race([ended, pause(lookEveryMs, false)])) break;
    }
    server.closeAllConnections();
    await stopped;
    // Ends its timers.
    server.close();
  }

  /** Waits until then, or until there is no connection. */
  async #unlessUnused(server: Server, until: number): Promise<void> {
    while (performance.now() < until && (await connectionsOf(server)) > 0) await pause(lookEveryMs);
  }
}

/** Not by `close` of the HTTP server, which ends idle connections at once. */
async function stopAccepting(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    NetServer.prototype.close.call(server, () => {
      resolve();
    });
  });
}

async function connectionsOf(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.getConnections((error, count) => {
      resolve(error === null ? count : 0);
    });
  });
}
