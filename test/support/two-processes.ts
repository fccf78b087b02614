/** Runs a suite on two processes that share a store: LMDB, and a real Redis. One of them is this process. */
import { startRedis } from './redis-server.ts';
import { startServerProcess, type ServerProcess } from './server-process.ts';
import { startTestService, type TestService } from './service.ts';

export interface OnTwoProcesses {
  /** In this process, from `before` on. */
  readonly here: TestService;
  readonly there: ServerProcess;
}

export function describeOnTwoProcesses(title: string, suite: (on: OnTwoProcesses) => void): void {
  for (const store of ['LMDB', 'Redis'] as const) {
    describe(`${title} (two processes, ${store})`, () => {
      const on = {} as { here: TestService; there: ServerProcess };
      let stopStore = async (): Promise<void> => {
        // LMDB ends with its processes.
      };
      before(async () => {
        const env: Record<string, string> = {};
        if (store === 'Redis') {
          const redis = await startRedis();
          stopStore = () => redis.stop();
          env['LATCHKEY_STORE'] = redis.url;
        }
        on.here = await startTestService(env);
        on.there = await startServerProcess({ ...env, LATCHKEY_DATA: on.here.folder });
      });
      after(async () => {
        await on.there.stop();
        await on.here.stop();
        await stopStore();
      });
      suite(on);
    });
  }
}
