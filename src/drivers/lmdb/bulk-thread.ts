/** The thread of one large commit: takes parcels of changes, then commits them and ends. It also removes accounts. */
import { parentPort } from 'node:worker_threads';
import type { Change, CommitResult } from '../../ports/store.ts';
import { write } from './apply.ts';
import type { BulkAnswer, BulkMessage } from './bulk.ts';
import { openEnvironment, type Environment } from './environment.ts';
import { toStoreFailure } from './failures.ts';
import { unpack } from './parcel.ts';
import { remove } from './remove.ts';

const changes: Change[] = [];

parentPort?.on('message', (message: BulkMessage) => {
  if ('parcel' in message) changes.push(...unpack(message.parcel));
  else void answer(message);
});

async function answer(task: Exclude<BulkMessage, { parcel: unknown }>): Promise<void> {
  let reply: BulkAnswer;
  try {
    const environment = openEnvironment(task.directory);
    reply = { result: await perform(environment, task) };
    await environment.root.close();
  } catch (error) {
    const failure = await toStoreFailure(error);
    reply = { failure: failure instanceof Error ? failure.message : String(failure) };
  }
  parentPort?.postMessage(reply);
  parentPort?.close();
}

function perform(
  environment: Environment,
  task: Exclude<BulkMessage, { parcel: unknown }>,
): Promise<CommitResult> {
  if ('removeAt' in task) return remove(environment, task.account, task.removeAt);
  return write(environment, task.account, { ...task.commit, changes });
}
