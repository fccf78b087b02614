import assert from 'node:assert/strict';
import { readArguments, topologyNames } from '../../../scripts/soaking/arguments.ts';

const seed = (): number => 42;

describe('arguments of a soak', () => {
  it('are two minutes on every topology without faults unless told otherwise', () => {
    assert.deepEqual(readArguments([], seed), {
      seconds: 120,
      topologies: topologyNames,
      seed: 42,
      clients: 12,
      faults: 'none',
    });
  });

  it('are taken from the command line', () => {
    const argv = '--seconds 5 --topology redis --seed 7 --clients 3 --faults kill'.split(' ');
    assert.deepEqual(readArguments(argv, seed), {
      seconds: 5,
      topologies: ['redis'],
      seed: 7,
      clients: 3,
      faults: 'kill',
    });
  });

  it('are refused with the usage where they are wrong', () => {
    for (const argv of [
      ['--seconds', '0'],
      ['--topology', 'etcd'],
      ['--faults', 'flood'],
      ['--seed', 'x'],
      ['more'],
    ]) {
      assert.throws(() => readArguments(argv, seed), /usage: scripts\/soak/);
    }
  });
});
