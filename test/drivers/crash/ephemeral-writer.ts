/**
 * A process that keeps, takes and uses ephemeral entries until it is killed, and reports each
 * acknowledgement as a line: what it did, lane and round.
 */
import { writeSync } from 'node:fs';
import { toAccount } from '../../../src/domain/ids.ts';
import type { StoreAddress } from './lanes.ts';
import { openStore } from './open-store.ts';

const [, , addressText = '', accountText = ''] = process.argv;
const account = toAccount(accountText);
const { ephemeral } = await openStore(JSON.parse(addressText) as StoreAddress);
const lanes = 4;
const ttlMs = 10 * 60 * 1_000;

async function runLane(lane: number): Promise<void> {
  for (let round = 1; ; round += 1) {
    const key = `${lane} ${round}`;
    await ephemeral.put(account, [{ key, value: Buffer.from(key), ttlMs, group: String(lane) }]);
    writeSync(1, `put ${key}\n`);
    if (round % 3 === 1) {
      await ephemeral.take(account, key);
      writeSync(1, `take ${key}\n`);
    } else if (round % 3 === 2) {
      await ephemeral.use(account, key);
      writeSync(1, `use ${key}\n`);
    }
  }
}

await Promise.all(Array.from({ length: lanes }, (_, lane) => runLane(lane)));
