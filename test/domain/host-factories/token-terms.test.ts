import assert from 'node:assert/strict';
import { isFailure, type ErrorCode } from '../../../src/domain/errors.ts';
import { readTerms, type TokenOrder } from '../../../src/domain/host-factories/token-terms.ts';

const now = Date.UTC(2030, 0, 1);
const order: TokenOrder = { expiration: '2030-01-02T00:00:00Z', count: undefined, cidr: [] };

function refused(change: Partial<TokenOrder>, code: ErrorCode, message: string): void {
  assert.throws(
    () => readTerms({ ...order, ...change }, now),
    (error: unknown) => isFailure(error, code) && error.message === message,
  );
}

describe('the terms of host-factory tokens', () => {
  it('are one token, usable from anywhere, where nothing more is said', () => {
    assert.deepEqual(readTerms(order, now), { expiresAt: Date.UTC(2030, 0, 2), count: 1, cidr: [] });
  });

  it('take a count as a number or as digits', () => {
    for (const count of [3, '3', ' 3 ', '+3']) assert.equal(readTerms({ ...order, count }, now).count, 3);
    assert.equal(readTerms({ ...order, count: null }, now).count, 1);
  });

  it('refuse a count that is not a positive whole number, or too large', () => {
    const shown: readonly (readonly [unknown, string])[] = [
      ['0', '0'],
      ['-1', '-1'],
      ['x', 'x'],
      ['', ''],
      [1.5, '1.5'],
      [true, 'true'],
      [[2], '[2]'],
      ['1001', '1001'],
    ];
    for (const [count, text] of shown) {
      refused({ count }, 'PARAMETER_INVALID', `Invalid value for parameter 'count': ${text}`);
    }
  });

  it('need an expiration, in the future', () => {
    refused({ expiration: undefined }, 'PARAMETER_MISSING', 'expiration');
    refused({ expiration: null }, 'PARAMETER_MISSING', 'expiration');
    refused({ expiration: 'soon' }, 'PARAMETER_INVALID', 'Input is invalid ISO8601 datetime string: soon');
    refused({ expiration: 5 }, 'PARAMETER_INVALID', 'Input is invalid ISO8601 datetime string: 5');
    const past = 'Value for parameter expiration must be in the future: ';
    refused({ expiration: '2030-01-01' }, 'PARAMETER_INVALID', `${past}2030-01-01T00:00:00+00:00`);
    refused(
      { expiration: '2030-01-01T01:00:00+02:00' },
      'PARAMETER_INVALID',
      `${past}2030-01-01T01:00:00+02:00`,
    );
  });

  it('keep ranges in canonical form, once each, and drop empty ones', () => {
    const { cidr } = readTerms({ ...order, cidr: ['10.0.0.1', '', '10.0.0.1/32', '2001:db8::/32'] }, now);
    assert.deepEqual(cidr, ['10.0.0.1/32', '2001:db8::/32']);
    assert.deepEqual(readTerms({ ...order, cidr: [''] }, now).cidr, []);
  });

  it('refuse what is not a range, and more than 100 of them', () => {
    refused(
      { cidr: ['1.895.abc.0/32'] },
      'CIDR_INVALID',
      "Invalid IP address or CIDR range '1.895.abc.0/32'",
    );
    refused({ cidr: Array<string>(101).fill('10.0.0.1') }, 'CIDR_INVALID', 'More than 100 CIDR ranges');
  });

  it('are looked at in the order of count, expiration, ranges', () => {
    refused(
      { count: 'x', expiration: 'x', cidr: ['x'] },
      'PARAMETER_INVALID',
      "Invalid value for parameter 'count': x",
    );
    refused(
      { expiration: 'x', cidr: ['x'] },
      'PARAMETER_INVALID',
      'Input is invalid ISO8601 datetime string: x',
    );
  });
});
