import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Gathering } from '../../../src/drivers/lmdb/gathering.ts';

/** One sync after the other, each of all that began before it. */
class Disk {
  readonly syncs: number[] = [];
  #waiting: (() => void)[] = [];

  begin = async (): Promise<void> =>
    new Promise((resolve) => {
      this.#waiting.push(resolve);
    });

  get waiting(): number {
    return this.#waiting.length;
  }

  async sync(): Promise<void> {
    const synced = this.#waiting;
    this.#waiting = [];
    this.syncs.push(synced.length);
    for (const resolve of synced) resolve();
    await nextTurn();
  }
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await nextTurn();
}

/** Lets so many writers be acknowledged together. */
async function writeTogether(gathering: Gathering, disk: Disk, writers: number): Promise<void> {
  const writes = Array.from({ length: writers }, () => gathering.commit(disk.begin));
  await until(() => disk.waiting === writers);
  await disk.sync();
  await Promise.all(writes);
}

describe('Gathering', () => {
  it('lets one who writes alone begin at once, also while others commit', async () => {
    const [gathering, disk] = [new Gathering(), new Disk()];
    const first = gathering.commit(disk.begin);
    const second = gathering.commit(disk.begin);
    assert.equal(disk.waiting, 2);
    await disk.sync();
    await Promise.all([first, second]);
  });

  it('has those who were acknowledged together begin together again, however they come', async () => {
    const [gathering, disk] = [new Gathering(), new Disk()];
    await writeTogether(gathering, disk, 16);
    const again: Promise<void>[] = [];
    for (let writer = 0; writer < 15; writer += 1) {
      again.push(gathering.commit(disk.begin));
      assert.equal(disk.waiting, 0);
    }
    again.push(gathering.commit(disk.begin));
    await until(() => disk.waiting > 0);
    await disk.sync();
    await Promise.all(again);
    assert.deepEqual(disk.syncs, [16, 16]);
  });

  it('waits no longer than a moment for those who do not come', async () => {
    const [gathering, disk] = [new Gathering(), new Disk()];
    await writeTogether(gathering, disk, 16);
    const alone = gathering.commit(disk.begin);
    await until(() => disk.waiting === 1);
    await disk.sync();
    await alone;
    const next = gathering.commit(disk.begin);
    assert.equal(disk.waiting, 1, 'it was alone the last time');
    await disk.sync();
    await next;
  });

  it('keeps who comes during a commit for the next one', async () => {
    const [gathering, disk] = [new Gathering(), new Disk()];
    await writeTogether(gathering, disk, 16);
    const some = Array.from({ length: 16 }, () => gathering.commit(disk.begin));
    await until(() => disk.waiting === 16);
    const others = Array.from({ length: 20 }, () => gathering.commit(disk.begin));
    await nextTurn();
    assert.equal(disk.waiting, 16);
    await disk.sync();
    await Promise.all(some);
    await until(() => disk.waiting === 20);
    await disk.sync();
    await Promise.all(others);
  });

  it('goes on after a commit that failed, and tells who asked for it', async () => {
    const [gathering, disk] = [new Gathering(), new Disk()];
    await writeTogether(gathering, disk, 16);
    const fault = new Error('full');
    const failing = Array.from({ length: 16 }, () => gathering.commit(() => Promise.reject(fault)));
    for (const { status } of await Promise.allSettled(failing)) assert.equal(status, 'rejected');
    await writeTogether(gathering, disk, 16);
  });
});
