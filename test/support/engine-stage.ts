/** An engine server on an embedded store of its own, for one suite. */
import { openLmdbStore } from '../../src/drivers/lmdb/store.ts';
import { startEngineServer, type EngineServer, type EngineServerOptions } from './engine-server.ts';
import { temporaryDirectory } from './temp.ts';

export interface EngineStage {
  /** From `before` on. */
  readonly server: EngineServer;
  /** Moves the clock of the server. */
  advance(seconds: number): void;
}

/** @param prepare puts clients into the registry */
export function engineStage(
  prepare: (server: EngineServer) => Promise<void>,
  options: EngineServerOptions = {},
): EngineStage {
  let server: EngineServer | undefined;
  let close = async (): Promise<void> => Promise.resolve();
  let offsetMs = 0;
  before(async () => {
    const folder = temporaryDirectory();
    const store = await openLmdbStore({ directory: folder.path });
    const clock = { now: () => Date.now() + offsetMs };
    const started = await startEngineServer(store, { clock, ...options });
    server = started;
    close = async () => {
      await started.close();
      await store.close();
      folder.remove();
    };
    await prepare(started);
  });
  after(() => close());
  return {
    get server() {
      if (server === undefined) throw new Error('the suite has not begun');
      return server;
    },
    advance: (seconds) => {
      offsetMs += seconds * 1_000;
    },
  };
}
