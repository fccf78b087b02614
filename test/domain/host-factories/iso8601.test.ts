import assert from 'node:assert/strict';
import { iso8601Instant } from '../../../src/domain/host-factories/iso8601.ts';

describe('iso8601Instant', () => {
  const at = (text: string): string | undefined => {
    const instant = iso8601Instant(text);
    return instant === undefined ? undefined : new Date(instant.at).toISOString();
  };

  it('reads dates with and without a time, in UTC where no zone is given', () => {
    assert.equal(at('2030-01-02'), '2030-01-02T00:00:00.000Z');
    assert.equal(at('2030-01-02T03:04'), '2030-01-02T03:04:00.000Z');
    assert.equal(at('2030-01-02T03:04:05'), '2030-01-02T03:04:05.000Z');
    assert.equal(at(' 2030-01-02t03:04:05z '), '2030-01-02T03:04:05.000Z');
  });

  it('reads zones, fractions and the basic form', () => {
    assert.equal(at('2030-01-02T03:04:05+02:00'), '2030-01-02T01:04:05.000Z');
    assert.equal(at('2030-01-02T03:04:05-0130'), '2030-01-02T04:34:05.000Z');
    assert.equal(at('2030-01-02T03:04:05+02'), '2030-01-02T01:04:05.000Z');
    assert.equal(at('2030-01-02T03:04:05.678901'), '2030-01-02T03:04:05.678Z');
    assert.equal(at('20300102T030405Z'), '2030-01-02T03:04:05.000Z');
  });

  it('shows the instant with the offset that it was given with', () => {
    assert.equal(iso8601Instant('2030-01-02T03:04:05-01:30')?.text, '2030-01-02T03:04:05-01:30');
    assert.equal(iso8601Instant('2030-01-02')?.text, '2030-01-02T00:00:00+00:00');
  });

  it('refuses what is no date of the calendar', () => {
    for (const text of [
      '',
      'tomorrow',
      '2030-02-30',
      '2030-13-01',
      '2030-00-10',
      '2030-01-02T24:00:00Z',
      '2030-01-02T03:60:00Z',
      '2030-01-02 03:04:05',
      '2030-01-02T03:04:05+25:00',
      '2030-01-02T03:04:05Zx',
      '0000-01-01',
      `2030-01-02${' '.repeat(80)}`,
    ]) {
      assert.equal(at(text), undefined, text);
    }
  });
});
