import assert from 'node:assert/strict';
import { faultOfRsaKey } from '../../../src/drivers/issuer/rsa-key.ts';
import { sharedKey } from './fixture.ts';

const { n, e } = sharedKey('RS256').jwk;
const modulus = Buffer.from(String(n), 'base64url');
const exponent = Buffer.from(String(e), 'base64url');

describe('RSA key', () => {
  it('is sound as it is generated, also with zeros before its numbers', () => {
    assert.equal(faultOfRsaKey(modulus, exponent), undefined);
    assert.equal(faultOfRsaKey(Buffer.concat([Buffer.of(0), modulus]), exponent), undefined);
    assert.equal(faultOfRsaKey(modulus, Buffer.concat([Buffer.of(0), exponent])), undefined);
  });

  it('is not measured by zeros before its modulus', () => {
    const short = Buffer.concat([Buffer.alloc(128), modulus.subarray(128)]);
    assert.match(faultOfRsaKey(short, exponent) ?? '', /fewer than 2048/);
  });

  it('is not longer than 8192 bits', () => {
    const long = Buffer.concat([Buffer.alloc(1_024 - 256, 0xff), modulus]);
    assert.equal(faultOfRsaKey(long, exponent), undefined);
    assert.match(faultOfRsaKey(Buffer.concat([Buffer.of(1), long]), exponent) ?? '', /more than 8192/);
  });

  it('has no even modulus', () => {
    const even = Buffer.from(modulus);
    even[255] = 0;
    assert.match(faultOfRsaKey(even, exponent) ?? '', /even/);
  });
});
