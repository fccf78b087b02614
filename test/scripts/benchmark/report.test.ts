import assert from 'node:assert/strict';
import type { HotPathResult } from '../../../scripts/benchmark/hot-paths.ts';
import { hotFigures, hotRatios, reached, table } from '../../../scripts/benchmark/report.ts';
import type { Run } from '../../../scripts/benchmark/runs.ts';

function run(rps: number, cpuUs: number, generatorBusy = 0.3): Run {
  return {
    rps,
    cpuUs,
    storeCpuUs: 0,
    p50Ms: 1,
    p99Ms: 2,
    serverBusy: 1,
    generatorBusy,
    othersBusy: 0,
  };
}

function result(runs: readonly Run[], floors: readonly Run[]): HotPathResult {
  return {
    paths: [{ name: 'secret_fetch_lmdb', variant: 'service', floor: 'bare' }],
    runs: new Map([
      ['service', runs],
      ['bare', floors],
    ]),
    rssMb: new Map([['service', 100]]),
    generator: 'own generator',
  };
}

describe('hotRatios', () => {
  it('compares each run with the floor of its round and takes the median', () => {
    // As the machine slows down by half, both do: the ratio stays.
    const ratios = hotRatios(
      result([run(30, 40), run(15, 80), run(40, 30)], [run(100, 10), run(50, 20), run(100, 10)]),
    );
    assert.deepEqual(
      ratios.map(({ name, median }) => [name, median]),
      [
        ['secret_fetch_lmdb', 0.3],
        ['secret_fetch_lmdb_cpu', 0.25],
      ],
    );
  });

  it('leaves out rounds in which the load generator was too busy', () => {
    const ratios = hotRatios(result([run(30, 40), run(90, 40)], [run(100, 10), run(100, 10, 0.9)]));
    assert.equal(ratios[0]?.median, 0.3);
  });

  it('fails when no round is left', () => {
    assert.throws(() => hotRatios(result([run(30, 40, 0.71)], [run(100, 10)])), /load generator/);
  });
});

describe('hotFigures', () => {
  it('counts the runs that something else disturbed', () => {
    const disturbed = { ...run(30, 40), othersBusy: 0.2 };
    const figures = hotFigures(result([run(30, 40), disturbed], [run(100, 10), run(100, 10)]));
    assert.equal(figures['service']?.disturbedRuns, 1);
    assert.equal(figures['service'].rssMb, 100);
  });
});

describe('reached', () => {
  it('knows which way a goal goes', () => {
    assert.equal(reached({ kind: 'at least', value: 0.28 }, 0.28), true);
    assert.equal(reached({ kind: 'at least', value: 0.28 }, 0.27), false);
    assert.equal(reached({ kind: 'at most', value: 4 }, 4.1), false);
    assert.equal(reached({ kind: 'at most', value: 4 }, 3), true);
  });
});

describe('table', () => {
  it('aligns the first column left and the others right', () => {
    assert.equal(
      table([
        ['name', 'value'],
        ['a', '1'],
      ]),
      'name  value\na         1\n',
    );
  });
});
