import { performance } from 'node:perf_hooks';
import type { Store } from '../ports/store.ts';
import type { ServiceMetrics, StoreCall } from './service-metrics.ts';

/** Reads are so many that one of these is timed for all. */
const readsPerSample = 16;

/** A store whose calls are timed. They are passed on as they are, and so is what they answer. */
export function observedStore(store: Store, metrics: Pick<ServiceMetrics, 'storeCallEnded'>): Store {
  const timed = <Result>(call: StoreCall, run: () => Promise<Result>, weight = 1): Promise<Result> => {
    const startedAt = performance.now();
    const ended = (): void => {
      metrics.storeCallEnded(call, (performance.now() - startedAt) / 1_000, weight);
    };
    const result = run();
    result.then(ended, ended);
    return result;
  };
  let reads = 0;
  return {
    ephemeral: store.ephemeral,
    read: (account, keys) => {
      reads += 1;
      if (reads % readsPerSample !== 1) return store.read(account, keys);
      return timed('read', () => store.read(account, keys), readsPerSample);
    },
    commit: (account, commit) => timed('commit', () => store.commit(account, commit)),
    changesSince: (account, epoch) => timed('changes_since', () => store.changesSince(account, epoch)),
    scan: (account, collection) => store.scan(account, collection),
    remove: (account, expectEpoch) => store.remove(account, expectEpoch),
    snapshot: (collections) => store.snapshot(collections),
    accounts: () => store.accounts(),
    health: () => store.health(),
    close: () => store.close(),
  };
}
