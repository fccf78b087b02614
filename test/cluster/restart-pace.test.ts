import assert from 'node:assert/strict';
import { RestartPace } from '../../src/cluster/restart-pace.ts';

const young = { served: true, livedMs: 1_000 };
const old = { served: true, livedMs: 60_000 };
const failed = { served: false, livedMs: 300 };

describe('RestartPace', () => {
  it('replaces the first process that dies at once', () => {
    assert.equal(new RestartPace().ended(young), 0);
    assert.equal(new RestartPace().ended(failed), 0);
  });

  it('waits longer each time that one dies young, up to a second', () => {
    const pace = new RestartPace();
    assert.deepEqual(
      Array.from({ length: 7 }, () => pace.ended(young)),
      [0, 100, 200, 400, 800, 1_000, 1_000],
    );
  });

  it('is as fast as ever after one that lived long', () => {
    const pace = new RestartPace();
    for (let death = 0; death < 5; death += 1) pace.ended(young);
    assert.equal(pace.ended(old), 0);
    assert.equal(pace.ended(young), 0);
  });

  it('waits up to ten seconds for one that cannot start', () => {
    const pace = new RestartPace();
    assert.equal(Math.max(...Array.from({ length: 20 }, () => pace.ended(failed))), 10_000);
  });

  it('gives up after five starts in a row that failed', () => {
    const pace = new RestartPace();
    for (let failure = 0; failure < 4; failure += 1) pace.ended(failed);
    assert.equal(pace.hopeless, false);
    pace.ended(failed);
    assert.equal(pace.hopeless, true);
  });

  it('does not give up where starts succeed in between, however often processes die', () => {
    const pace = new RestartPace();
    for (let round = 0; round < 10; round += 1) {
      for (let failure = 0; failure < 4; failure += 1) pace.ended(failed);
      pace.started();
      pace.ended(young);
      assert.equal(pace.hopeless, false);
    }
  });
});
