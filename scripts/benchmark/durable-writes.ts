/** Values of secrets, each synced before it is acknowledged, of what the disk allows. */
import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { writeRequests } from './hot-requests.ts';
import { openOwnGenerator } from './load.ts';
import type { ServiceMeasurement } from './prepared-service.ts';
import type { Ratio } from './report.ts';
import { account, loadPolicy, secretPath, startService, tokenHeader } from './service.ts';
import { Stage } from './stage.ts';
import { median, summarise } from './statistics.ts';

const variables = 1_000;
const syncs = 30;
/** Of one commit of LMDB: the pages, then the page that makes them count. */
const syncsOfCommit = 2;
const valueCharacters = 64;

/** @throws Error an answer was not a 2xx */
export async function measureDurableWrites(options: ServiceMeasurement): Promise<readonly Ratio[]> {
  const { rounds, seconds, connections, folder, say } = options;
  const shares: number[] = [];
  const stage = new Stage();
  try {
    const generator = await stage.open(Promise.resolve(openOwnGenerator()), (opened) => opened.close());
    const service = await stage.open(startService(), (opened) => opened.stop());
    const names = Array.from({ length: variables }, (_, index) => `value-${String(index)}`);
    await loadPolicy(service, names.map((name) => `- !variable ${name}\n`).join(''));
    const header = tokenHeader(service.adminToken);
    // A value that equals the newest changes nothing, so each is followed by another one.
    const requests = ['v', 'w'].flatMap((letter) =>
      names.map(
        (name) =>
          `POST ${secretPath(name)} HTTP/1.1\r\nHost: ${account}\r\nAuthorization: ${header}\r\n` +
          `Content-Length: ${String(valueCharacters)}\r\n\r\n${letter.repeat(valueCharacters)}`,
      ),
    );
    const requestsFile = writeRequests(join(folder, 'writes.requests'), requests);
    await generator.run({ port: service.port, connections, seconds, requestsFile });
    for (let round = 0; round < rounds; round += 1) {
      const syncSeconds = median(syncTimes(join(folder, 'synced')));
      const result = await generator.run({ port: service.port, connections, seconds, requestsFile });
      if (result.failures > 0) throw new Error(`${String(result.failures)} answers were not 2xx`);
      shares.push(result.requests / result.seconds / (connections / (syncsOfCommit * syncSeconds)));
      say(`durable writes: round ${String(round + 1)} of ${String(rounds)}`);
    }
  } finally {
    await stage.close();
  }
  return [{ name: 'durable_writes', ...summarise(shares) }];
}

/** Seconds of each sync of a page that was written. */
function syncTimes(path: string): readonly number[] {
  const file = openSync(path, 'w');
  try {
    return Array.from({ length: syncs }, () => {
      writeSync(file, Buffer.alloc(4_096));
      const startedAt = performance.now();
      fdatasyncSync(file);
      return (performance.now() - startedAt) / 1_000;
    });
  } finally {
    closeSync(file);
  }
}
