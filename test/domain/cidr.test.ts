import assert from 'node:assert/strict';
import fc from 'fast-check';
import { canonicalCidr, originAllowed } from '../../src/domain/cidr.ts';
import { isFailure } from '../../src/domain/errors.ts';
import { assertProperty } from '../support/property.ts';

describe('canonicalCidr', () => {
  const accepted: readonly (readonly [text: string, stored: string])[] = [
    ['10.0.0.1', '10.0.0.1/32'],
    ['10.0.0.1/32', '10.0.0.1/32'],
    ['10.0.0.0/8', '10.0.0.0/8'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['255.255.255.255', '255.255.255.255/32'],
    ['::1', '::1/128'],
    ['::/0', '::/0'],
    ['2001:db8::/32', '2001:db8::/32'],
    ['2001:db8::1:0:0:1', '2001:db8::1:0:0:1/128'],
  ];
  for (const [text, stored] of accepted) {
    it(`takes ${text}`, () => {
      assert.equal(canonicalCidr(text), stored);
    });
  }

  const corrected: readonly (readonly [text: string, meant: string])[] = [
    ['10.0.0.1/24', '10.0.0.0/24'],
    ['10.0.0.0/255.0.0.0', '10.0.0.0/8'],
    ['10.0.0.1/255.255.255.255', '10.0.0.1'],
    ['10.0.0.0/08', '10.0.0.0/8'],
    ['2001:0db8::1', '2001:db8::1'],
    ['2001:DB8::/32', '2001:db8::/32'],
    ['2001:db8:0:0:0:0:0:1', '2001:db8::1'],
    ['2001:db8::1/32', '2001:db8::/32'],
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['::ffff:10.0.0.0/104', '10.0.0.0/8'],
    ['::1/0', '::/0'],
  ];
  for (const [text, meant] of corrected) {
    it(`asks whether ${text} means ${meant}`, () => {
      assert.throws(
        () => canonicalCidr(text),
        (error) =>
          isFailure(error, 'PARAMETER_INVALID') &&
          error.message ===
            `Invalid IP address or CIDR range '${text}': Value has bits set to right of mask. Did you mean '${meant}'?`,
      );
    });
  }

  const refused = [
    '',
    'localhost',
    '10.0.0',
    '10.0.0.256',
    '010.0.0.1',
    '0x0a000001',
    '167772161',
    '10.0.0.1/33',
    '10.0.0.1/-1',
    '10.0.0.1/',
    '10.0.0.1/8/8',
    '10.0.0.0/255.0.255.0',
    '10.0.0.0/ffff::',
    ' 10.0.0.1',
    '10.0.0.1\n',
    '::1/129',
    ':::',
    'fe80::1%eth0',
    '::ffff:10.0.0.0/8',
    'x'.repeat(10_000),
  ];
  for (const text of refused) {
    it(`refuses '${JSON.stringify(text).slice(1, 30)}'`, () => {
      assert.throws(
        () => canonicalCidr(text),
        (error) =>
          isFailure(error, 'PARAMETER_INVALID') &&
          error.message === `Invalid IP address or CIDR range '${text.slice(0, 80)}'`,
      );
    });
  }

  it('never fails but with its own error, and accepts what it returned', () => {
    assertProperty(
      fc.property(
        fc.oneof(fc.string(), fc.ipV4Extended(), fc.ipV6(), fc.stringMatching(/^[0-9a-f:./]{0,40}$/)),
        (text) => {
          try {
            const stored = canonicalCidr(text);
            assert.equal(canonicalCidr(stored), stored);
          } catch (error) {
            assert.ok(isFailure(error, 'PARAMETER_INVALID'));
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('one range', () => {
  const inside: readonly (readonly [range: string, address: string])[] = [
    ['10.0.0.0/8', '10.255.255.255'],
    ['10.0.0.1/32', '10.0.0.1'],
    ['0.0.0.0/0', '203.0.113.9'],
    ['10.0.0.0/8', '::ffff:10.1.2.3'],
    ['2001:db8::/32', '2001:db8:ffff::1'],
    ['2001:db8::/32', '2001:0DB8:0:0:0:0:0:1'],
    ['::1/128', '::1'],
  ];
  for (const [range, address] of inside) {
    it(`finds ${address} in ${range}`, () => {
      assert.equal(originAllowed([range], address), true);
    });
  }
  const outside: readonly (readonly [range: string, address: string])[] = [
    ['10.0.0.0/8', '11.0.0.0'],
    ['10.0.0.1/32', '10.0.0.2'],
    ['10.0.0.0/9', '10.128.0.0'],
    ['2001:db8::/32', '2001:db9::1'],
    ['::/0', '10.0.0.1'],
    ['::/0', '::ffff:10.0.0.1'],
    ['0.0.0.0/0', '::1'],
    ['10.0.0.0/8', ''],
    ['10.0.0.0/8', '10.0.0'],
    ['10.0.0.0/8', '10.0.0.1, 192.0.2.1'],
    ['10.0.0.0/8', '0x0a.0.0.1'],
    ['nonsense', '10.0.0.1'],
  ];
  for (const [range, address] of outside) {
    it(`does not find '${address}' in ${range}`, () => {
      assert.equal(originAllowed([range], address), false);
    });
  }

  it('agrees with the bits of the addresses', () => {
    assertProperty(
      fc.property(
        fc.nat(0xffff_ffff),
        fc.nat(0xffff_ffff),
        fc.integer({ min: 0, max: 32 }),
        (network, address, prefix) => {
          const mask = prefix === 0 ? 0 : (0xffff_ffff << (32 - prefix)) >>> 0;
          const range = `${dotted((network & mask) >>> 0)}/${prefix}`;
          assert.equal(canonicalCidr(range), range);
          assert.equal(
            originAllowed([range], dotted(address)),
            (address & mask) >>> 0 === (network & mask) >>> 0,
          );
        },
      ),
    );
  });
});

function dotted(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 0xff).join('.');
}

describe('originAllowed', () => {
  it('allows every address while nothing is restricted', () => {
    assert.equal(originAllowed([], '203.0.113.9'), true);
    assert.equal(originAllowed([], ''), true);
  });
  it('allows an address that one of the ranges contains', () => {
    assert.equal(originAllowed(['192.0.2.7/32', '10.0.0.0/8'], '10.1.2.3'), true);
    assert.equal(originAllowed(['192.0.2.7/32', '10.0.0.0/8'], '::ffff:10.1.2.3'), true);
  });
  it('refuses an address that none contains', () => {
    assert.equal(originAllowed(['192.0.2.7/32', '10.0.0.0/8'], '192.0.2.8'), false);
  });
  it('refuses what is no address once something is restricted', () => {
    assert.equal(originAllowed(['0.0.0.0/0', '::/0'], 'unknown'), false);
  });
});
