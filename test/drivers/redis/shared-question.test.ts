import assert from 'node:assert/strict';
import { SharedQuestion } from '../../../src/drivers/redis/shared-question.ts';

describe('SharedQuestion', () => {
  it('gives those who ask while it is under way an answer that began after they asked', async () => {
    const answer: (() => void)[] = [];
    const question = new SharedQuestion(
      () =>
        new Promise<number>((resolve) => {
          const number = answer.length + 1;
          answer.push(() => {
            resolve(number);
          });
        }),
    );
    const first = question.ask();
    await Promise.resolve();
    assert.equal(answer.length, 1);
    const others = [question.ask(), question.ask()];
    await Promise.resolve();
    assert.equal(answer.length, 1, 'one at a time');
    answer[0]?.();
    assert.equal(await first, 1);
    await new Promise(setImmediate);
    answer[1]?.();
    assert.deepEqual(await Promise.all(others), [2, 2]);
    assert.equal(answer.length, 2);
  });
});
