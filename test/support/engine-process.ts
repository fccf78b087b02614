/**
 * An engine server as a process of its own: `node engine-process.js DIRECTORY-OR-REDIS-URL ORIGIN`. It prints its
 * address and ends when its input does.
 */
import { openLmdbStore } from '../../src/drivers/lmdb/store.ts';
import { openRedisStore } from '../../src/drivers/redis/store.ts';
import { startEngineServer } from './engine-server.ts';

const [, , where = '', origin = ''] = process.argv;
const store = where.startsWith('redis://')
  ? await openRedisStore({ url: where })
  : await openLmdbStore({ directory: where });
const server = await startEngineServer(store, { origin });
process.stdout.write(`${server.url}\n`);
process.stdin.resume();
process.stdin.once('end', () => {
  void server.close().then(() => store.close());
});
