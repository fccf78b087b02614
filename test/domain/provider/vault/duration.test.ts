import assert from 'node:assert/strict';
import { readSeconds } from '../../../../src/domain/provider/vault/duration.ts';

describe('readSeconds', () => {
  const readable: readonly (readonly [string | number, number])[] = [
    [0, 0],
    [90, 90],
    ['', 0],
    ['90', 90],
    ['+5', 5],
    [' 30 ', 30],
    ['90s', 90],
    ['1h30m', 5_400],
    ['1.5h', 5_400],
    ['.5m', 30],
    ['1.15h', 4_140],
    ['1500ms', 1],
    ['999ms', 0],
    ['1m1us1ns', 60],
    ['1µs', 0],
    ['2d', 172_800],
  ];
  for (const [given, seconds] of readable) {
    it(`reads ${JSON.stringify(given)} as ${String(seconds)}`, () => {
      assert.equal(readSeconds(given), seconds);
    });
  }

  for (const given of [
    -1,
    1.5,
    NaN,
    1e12,
    '-1s',
    '-1',
    '1.5',
    '1x',
    's',
    '1d2h',
    '1 h',
    '1e3',
    '.',
    '300000000h',
  ]) {
    it(`does not read ${JSON.stringify(given)}`, () => {
      assert.equal(readSeconds(given), undefined);
    });
  }
});
