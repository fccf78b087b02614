/** Runs a suite against the service on each store: LMDB, and a real Redis. */
import { startRedis } from './redis-server.ts';
import { startTestService, type TestService } from './service.ts';

export interface OnStore {
  /** The service, from `before` on. */
  readonly service: TestService;
}

/**
 * @param env further settings of the service
 * @param suite declares the tests; the service is there once they run
 */
export function describeOnStores(
  title: string,
  suite: (on: OnStore) => void,
  env: Readonly<Record<string, string>> = {},
): void {
  describe(`${title} (LMDB)`, () => {
    const on = { service: undefined as unknown as TestService };
    before(async () => {
      on.service = await startTestService(env);
    });
    after(async () => {
      await on.service.stop();
    });
    suite(on);
  });
  describe(`${title} (Redis)`, () => {
    const on = { service: undefined as unknown as TestService };
    let stopRedis: () => Promise<void>;
    before(async () => {
      const redis = await startRedis();
      stopRedis = () => redis.stop();
      on.service = await startTestService({ ...env, LATCHKEY_STORE: redis.url });
    });
    after(async () => {
      await on.service.stop();
      await stopRedis();
    });
    suite(on);
  });
}
