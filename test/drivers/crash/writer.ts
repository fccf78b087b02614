/** A process that commits until it is killed and reports each acknowledgement as a line. */
import { writeSync } from 'node:fs';
import { toAccount } from '../../../src/domain/ids.ts';
import { laneCount, roundOf, type StoreAddress } from './lanes.ts';
import { openStore } from './open-store.ts';

const [, , addressText = '', accountText = ''] = process.argv;
const address = JSON.parse(addressText) as StoreAddress;
const account = toAccount(accountText);
const store = await openStore(address);

async function commitFrom(lane: number): Promise<void> {
  for (let round = 1; ; round += 1) {
    const result = await store.commit(account, { changes: roundOf(lane, round), authority: true });
    if (!result.committed) throw new Error('refused');
    // To the kernel at once: what is reported has been reported, whatever happens next.
    writeSync(1, `${lane} ${round} ${result.epoch.lineage} ${result.epoch.counter}\n`);
  }
}

try {
  await Promise.all(Array.from({ length: laneCount }, (_, lane) => commitFrom(lane)));
} catch {
  // The server was killed first: wait for the same fate.
  setInterval(() => undefined, 1_000);
}
