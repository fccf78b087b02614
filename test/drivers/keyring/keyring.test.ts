import assert from 'node:assert/strict';
import { createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { isFailure, type ErrorCode } from '../../../src/domain/errors.ts';
import { openKeyring } from '../../../src/drivers/keyring/keyring.ts';
import { assertProperty } from '../../support/property.ts';

const dataKey = Buffer.alloc(32, 1);
const otherKey = Buffer.alloc(32, 2);
const name = 'secret acct:variable:db/password 3';
const bytes = fc.uint8Array({ maxLength: 300 });
/** Any string of 16-bit units, well-formed or not. */
const anyText = fc.string({ unit: 'binary', maxLength: 40 });

function refusedAs(...codes: readonly ErrorCode[]): (error: unknown) => boolean {
  return (error) => isFailure(error, ...codes);
}

function flipped(original: Uint8Array, bit: number): Uint8Array {
  const copy = Uint8Array.from(original);
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return copy;
}

describe('openKeyring', () => {
  const keyring = openKeyring({ dataKey });

  it('opens what it sealed', () => {
    assertProperty(
      fc.property(bytes, anyText, (plaintext, associatedData) => {
        assert.deepEqual(
          Uint8Array.from(keyring.open(keyring.seal(plaintext, associatedData), associatedData)),
          plaintext,
        );
      }),
    );
  });

  it('opens a view into a larger buffer', () => {
    const sealed = keyring.seal(Buffer.from('value'), name);
    const larger = Buffer.concat([randomBytes(7), sealed, randomBytes(9)]);
    const view = new Uint8Array(larger.buffer, larger.byteOffset + 7, sealed.length);
    assert.equal(Buffer.from(keyring.open(view, name)).toString(), 'value');
  });

  it('refuses a change of any one bit of what it sealed', () => {
    assertProperty(
      fc.property(bytes, fc.nat(), (plaintext, seed) => {
        const sealed = keyring.seal(plaintext, name);
        const bit = seed % (sealed.length * 8);
        assert.throws(
          () => keyring.open(flipped(sealed, bit), name),
          refusedAs('SEALED_VALUE_INVALID', 'DATA_KEY_UNKNOWN'),
        );
      }),
      { numRuns: 2_000 },
    );
  });

  it('refuses each single bit of one value', () => {
    const sealed = keyring.seal(Buffer.from('value'), name);
    for (let bit = 0; bit < sealed.length * 8; bit += 1) {
      assert.throws(
        () => keyring.open(flipped(sealed, bit), name),
        refusedAs('SEALED_VALUE_INVALID', 'DATA_KEY_UNKNOWN'),
      );
    }
  });

  it('refuses a change of any one bit of the associated data', () => {
    const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 });
    assertProperty(
      fc.property(text, fc.nat(), (associatedData, seed) => {
        const sealed = keyring.seal(Buffer.from('value'), associatedData);
        const units = flipped(Buffer.from(associatedData, 'utf16le'), seed % (associatedData.length * 16));
        const changed = Buffer.from(units).toString('utf16le');
        assert.throws(() => keyring.open(sealed, changed), refusedAs('SEALED_VALUE_INVALID'));
      }),
      { numRuns: 2_000 },
    );
  });

  it('tells associated data apart that UTF-8 does not', () => {
    const sealed = keyring.seal(Buffer.from('value'), 'a\ud800');
    assert.throws(() => keyring.open(sealed, 'a\ud801'), refusedAs('SEALED_VALUE_INVALID'));
    assert.throws(() => keyring.open(sealed, 'a\ufffd'), refusedAs('SEALED_VALUE_INVALID'));
  });

  it('refuses a value that is cut short or has more after it', () => {
    const sealed = keyring.seal(Buffer.from('value'), name);
    for (let length = 0; length < sealed.length; length += 1) {
      assert.throws(() => keyring.open(sealed.subarray(0, length), name), refusedAs('SEALED_VALUE_INVALID'));
    }
    const longer = Buffer.concat([sealed, Buffer.of(0)]);
    assert.throws(() => keyring.open(longer, name), refusedAs('SEALED_VALUE_INVALID'));
  });

  it('never seals to the same bytes, nor with the same IV', () => {
    const ivs = new Set<string>();
    for (let index = 0; index < 2_000; index += 1) {
      ivs.add(Buffer.from(keyring.seal(Buffer.from('value'), name)).toString('hex', 9, 21));
    }
    assert.equal(ivs.size, 2_000);
    const other = openKeyring({ dataKey });
    assert.notDeepEqual(other.seal(Buffer.from('value'), name), keyring.seal(Buffer.from('value'), name));
  });

  it('leaves no plaintext in what it sealed', () => {
    const plaintext = randomBytes(64);
    const sealed = Buffer.from(keyring.seal(plaintext, name));
    assert.equal(sealed.indexOf(plaintext.subarray(0, 8)), -1);
    assert.equal(sealed.length, 1 + 8 + 12 + 16 + 64);
  });

  it('keeps to its format: version, key id, IV, tag, AES-256-GCM', () => {
    const sealed = Buffer.from(keyring.seal(Buffer.from('value'), 'ab'));
    const digest = createHash('sha256').update('latchkey data key id 1\n').update(dataKey).digest('hex');
    assert.equal(sealed[0], 1);
    assert.equal(sealed.toString('hex', 1, 9), digest.slice(0, 16));
    const decipher = createDecipheriv('aes-256-gcm', dataKey, sealed.subarray(9, 21), { authTagLength: 16 });
    decipher.setAAD(
      Buffer.concat([sealed.subarray(0, 9), Buffer.from([0, 0, 0, 4]), Buffer.from('ab', 'utf16le')]),
    );
    decipher.setAuthTag(sealed.subarray(21, 37));
    const opened = Buffer.concat([decipher.update(sealed.subarray(37)), decipher.final()]);
    assert.equal(opened.toString(), 'value');
  });

  it('opens what an earlier release sealed', () => {
    const sealed = Buffer.from(
      'AbpNnWFayQdEAAECAwQFBgcICQoLcfCRdmsLDi7yyu2UeuD/5N3U+ksAn2hZmwuVqEkMuoPcowdvlOIg',
      'base64',
    );
    assert.equal(Buffer.from(keyring.open(sealed, name)).toString(), 'from an earlier release');
  });

  it('has an id that follows from the key and does not contain it', () => {
    assert.match(keyring.keyId, /^[0-9a-f]{16}$/);
    assert.equal(openKeyring({ dataKey: Buffer.from(dataKey) }).keyId, keyring.keyId);
    assert.notEqual(openKeyring({ dataKey: otherKey }).keyId, keyring.keyId);
    assert.ok(!dataKey.toString('hex').includes(keyring.keyId));
  });

  it('opens what a previous key sealed, and seals under the new one', () => {
    const sealed = openKeyring({ dataKey: otherKey }).seal(Buffer.from('old'), name);
    const rotated = openKeyring({ dataKey, otherKeys: [otherKey] });
    assert.equal(Buffer.from(rotated.open(sealed, name)).toString(), 'old');
    assert.equal(rotated.keyId, keyring.keyId);
    assert.equal(Buffer.from(keyring.open(rotated.seal(Buffer.from('new'), name), name)).toString(), 'new');
  });

  it('says of a value that it was sealed under another key, and of which', () => {
    const other = openKeyring({ dataKey: otherKey });
    assert.throws(
      () => keyring.open(other.seal(Buffer.from('value'), name), name),
      (error) => isFailure(error, 'DATA_KEY_UNKNOWN') && error.message.includes(other.keyId),
    );
  });

  it('does not depend on the given bytes once it is open', () => {
    const given = Buffer.from(dataKey);
    const opened = openKeyring({ dataKey: given });
    given.fill(0);
    assert.equal(
      Buffer.from(keyring.open(opened.seal(Buffer.from('value'), name), name)).toString(),
      'value',
    );
  });

  it('refuses keys of another size', () => {
    for (const length of [0, 16, 31, 33, 64]) {
      const wrong = Buffer.alloc(length, 3);
      assert.throws(() => openKeyring({ dataKey: wrong }), refusedAs('DATA_KEY_INVALID'));
      assert.throws(() => openKeyring({ dataKey, otherKeys: [wrong] }), refusedAs('DATA_KEY_INVALID'));
    }
  });

  it('shows no key when it is printed', () => {
    const text = inspect(keyring, { depth: 10, showHidden: true }) + JSON.stringify(keyring);
    assert.ok(!text.includes(dataKey.toString('hex')));
    assert.ok(!text.includes('01 01 01'));
    assert.ok(!text.includes(dataKey.toString('base64')));
  });
});
