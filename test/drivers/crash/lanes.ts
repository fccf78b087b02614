import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Account } from '../../../src/domain/ids.ts';
import type { Epoch } from '../../../src/ports/epoch.ts';
import type { Store } from '../../../src/ports/store.ts';
import { key, put, text } from '../../contracts/store/fixture.ts';

/** Where a writer process opens its store. */
export type StoreAddress = { readonly directory: string } | { readonly url: string };

/** Writers within one process that commit independently, so that commits meet in one transaction. */
export const laneCount = 4;
const recordsPerLane = 8;

function keysOf(lane: number): readonly string[] {
  return Array.from({ length: recordsPerLane }, (_, index) => `role\t${lane}\t${index}`);
}

/** What a writer reported before it died. */
export interface Acknowledged {
  /** For each lane, the last round that was acknowledged; 0 for none. */
  readonly rounds: readonly number[];
  /** The newest epoch that any commit was answered with. */
  readonly epoch: Epoch | undefined;
}

/**
 * Starts a writer process, lets it commit for a while, ends it with `kill -9` and tells what it
 * had been acknowledged.
 * @param end happens after the while, before the writer is ended
 */
export async function writeUntilKilled(
  address: StoreAddress,
  account: Account,
  end: () => Promise<void> = async () => undefined,
): Promise<Acknowledged> {
  const writer = spawn(process.execPath, [writerPath, JSON.stringify(address), account], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const rounds = Array.from({ length: laneCount }, () => 0);
  let epoch: Epoch | undefined;
  const output = createInterface({ input: writer.stdout });
  const begun = once(output, 'line');
  output.on('line', (line) => {
    const [lane = '', round = '', lineage = '', counter = ''] = line.split(' ');
    rounds[Number(lane)] = Number(round);
    if (epoch === undefined || Number(counter) > epoch.counter) epoch = { lineage, counter: Number(counter) };
  });
  const read = once(output, 'close');
  await Promise.race([begun, failed(writer)]);
  await pause(Math.random() * 40);
  await end();
  writer.kill('SIGKILL');
  await read;
  return { rounds, epoch };
}

const writerPath = fileURLToPath(new URL('./writer.js', import.meta.url));

async function failed(writer: ChildProcess): Promise<never> {
  await once(writer, 'exit');
  throw new Error('the writer ended by itself');
}

/** Asserts that everything acknowledged is there and nothing is there in part. */
export async function assertSurvived(
  store: Store,
  account: Account,
  acknowledged: Acknowledged,
): Promise<void> {
  let written = 0;
  for (const [lane, round] of acknowledged.rounds.entries()) {
    const { records } = await store.read(account, keysOf(lane).map(key));
    const found = [...new Set(records.map((record) => Number(text(record?.value) ?? 0)))];
    assert.equal(found.length, 1, `lane ${lane} has part of a commit: ${found.join(', ')}`);
    // One more commit of the lane may have been applied without its answer having come through.
    const last = found[0]!;
    assert.ok(last === round || last === round + 1, `lane ${lane} was told ${round}, has ${last}`);
    if (last > 0) written += recordsPerLane;
  }
  const { epoch } = await store.read(account, []);
  assert.ok(acknowledged.epoch !== undefined && epoch.counter >= acknowledged.epoch.counter);
  const catchup = await store.changesSince(account, { lineage: epoch.lineage, counter: 0 });
  assert.equal(catchup.kind === 'changes' && catchup.changes.length, written);
}

/** The changes of one round of a lane. */
export function roundOf(lane: number, round: number): ReturnType<typeof put>[] {
  return keysOf(lane).map((name) => put(name, String(round)));
}
