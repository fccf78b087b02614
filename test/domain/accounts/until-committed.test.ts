import assert from 'node:assert/strict';
import { untilCommitted } from '../../../src/domain/accounts/until-committed.ts';
import { LatchkeyError } from '../../../src/domain/errors.ts';

describe('untilCommitted', () => {
  it('repeats an attempt until it wins', async () => {
    let attempts = 0;
    assert.equal(await untilCommitted(async () => ((attempts += 1) === 3 ? 'won' : undefined)), 'won');
    assert.equal(attempts, 3);
  });

  it('gives up as busy after the attempts that it was given', async () => {
    let attempts = 0;
    const losing = untilCommitted(async () => {
      attempts += 1;
      return undefined;
    }, 4);
    await assert.rejects(losing, (error) => error instanceof LatchkeyError && error.code === 'STORE_BUSY');
    assert.equal(attempts, 4);
  });

  it('lets everyone win where many meet, each as slow as the others', async () => {
    let revision = 0;
    const write = (): Promise<true> =>
      untilCommitted(async () => {
        const seen = revision;
        for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
        if (revision !== seen) return undefined;
        revision += 1;
        return true;
      });
    await Promise.all(Array.from({ length: 100 }, write));
    assert.equal(revision, 100);
  });
});
