import assert from 'node:assert/strict';
import { measurements, readArguments } from '../../../scripts/benchmark/arguments.ts';

describe('readArguments', () => {
  it('measures everything by default', () => {
    const { only, rounds, seconds, jsonFile } = readArguments([]);
    assert.deepEqual([...only], [...measurements]);
    assert.deepEqual([rounds, seconds, jsonFile], [9, 1.5, undefined]);
  });

  it('reads what is asked for', () => {
    const asked = readArguments(['--rounds', '3', '--seconds=0.5', '--json', 'out.json']);
    assert.deepEqual([asked.rounds, asked.seconds, asked.jsonFile], [3, 0.5, 'out.json']);
  });

  it('takes a list of names', () => {
    const { only } = readArguments(['--only', 'secret_fetch_lmdb, authenticate_rs256']);
    assert.deepEqual([...only], ['secret_fetch_lmdb', 'authenticate_rs256']);
  });

  for (const argv of [
    ['--only', 'secret_fetch'],
    ['--rounds', '0'],
    ['--rounds', '1.5'],
    ['--seconds', 'long'],
    ['--round', '1'],
    ['extra'],
  ]) {
    it(`refuses ${argv.join(' ')} and shows the usage`, () => {
      assert.throws(() => readArguments(argv), /usage: scripts\/bench/);
    });
  }
});
