import assert from 'node:assert/strict';
import { newLine } from '../../../src/domain/accounts/line.ts';

describe('newLine', () => {
  it('lets one act run at a time, in the order in which they came', async () => {
    const line = newLine();
    const done: string[] = [];
    const act = (name: string, turns: number) => async (): Promise<string> => {
      done.push(`${name} begins`);
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
      done.push(`${name} ends`);
      return name;
    };
    assert.deepEqual(await Promise.all([line(act('a', 5)), line(act('b', 1))]), ['a', 'b']);
    assert.deepEqual(done, ['a begins', 'a ends', 'b begins', 'b ends']);
  });

  it('goes on after an act that failed, and tells who sent it', async () => {
    const line = newLine();
    const failing = line(async () => assert.fail('no'));
    assert.equal(await line(async () => 1), 1);
    await assert.rejects(failing, /no/);
  });
});
