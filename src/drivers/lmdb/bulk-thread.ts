/** The thread of one large commit: takes parcels of changes, then commits them and ends. */
import { parentPort } from 'node:worker_threads';
import type { Change } from '../../ports/store.ts';
import { write } from './apply.ts';
import type { BulkAnswer, BulkMessage } from './bulk.ts';
import { openEnvironment } from './environment.ts';
import { toStoreFailure } from './failures.ts';
import { unpack } from './parcel.ts';

const changes: Change[] = [];

parentPort?.on('message', (message: BulkMessage) => {
  if ('parcel' in message) changes.push(...unpack(message.parcel));
  else void answer(message);
});

async function answer({
  directory,
  account,
  commit,
}: Exclude<BulkMessage, { parcel: unknown }>): Promise<void> {
  let reply: BulkAnswer;
  try {
    const environment = openEnvironment(directory);
    reply = { result: await write(environment, account, { ...commit, changes }) };
    await environment.root.close();
  } catch (error) {
    const failure = await toStoreFailure(error);
    reply = { failure: failure instanceof Error ? failure.message : String(failure) };
  }
  parentPort?.postMessage(reply);
  parentPort?.close();
}
