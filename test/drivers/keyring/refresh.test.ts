import assert from 'node:assert/strict';
import { performance } from 'node:perf_hooks';
import { isFailure } from '../../../src/domain/errors.ts';
import { dataKeyId, openKeyring } from '../../../src/drivers/keyring/keyring.ts';
import type { Keyring } from '../../../src/ports/keyring.ts';

const first = Buffer.alloc(32, 1);
const second = Buffer.alloc(32, 2);
const third = Buffer.alloc(32, 3);
const idsOf = (...keys: readonly Buffer[]): readonly string[] => keys.map(dataKeyId);

describe('a keyring whose keys change', () => {
  let source: () => readonly Uint8Array[] | undefined;
  let looks: number;
  let keyring: Keyring;

  beforeEach(() => {
    source = () => [first];
    looks = 0;
    keyring = openKeyring({
      dataKey: first,
      reload: () => {
        looks++;
        return source();
      },
    });
  });

  const sealedBy = (key: Uint8Array): Uint8Array =>
    openKeyring({ dataKey: key }).seal(Buffer.from('value'), 'name');
  const opens = (key: Uint8Array): void => {
    assert.equal(Buffer.from(keyring.open(sealedBy(key), 'name')).toString(), 'value');
  };
  const knowsNot = (key: Uint8Array): void => {
    assert.throws(
      () => keyring.open(sealedBy(key), 'name'),
      (error) => isFailure(error, 'DATA_KEY_UNKNOWN'),
    );
  };

  describe('refresh', () => {
    it('takes in keys that were added, and goes on sealing under the same', () => {
      source = () => [first, second];
      keyring.refresh();
      assert.deepEqual(keyring.keyIds, idsOf(first, second));
      assert.equal(keyring.keyId, dataKeyId(first));
      opens(second);
      assert.equal(looks, 1);
    });

    it('gives up keys that are gone', () => {
      source = () => [first, second];
      keyring.refresh();
      assert.equal(keyring.sealUnder(dataKeyId(second)), true);
      source = () => [second];
      keyring.refresh();
      assert.deepEqual(keyring.keyIds, idsOf(second));
      knowsNot(first);
    });

    it('keeps the key that seals though it is gone', () => {
      source = () => [second];
      keyring.refresh();
      assert.deepEqual(keyring.keyIds, idsOf(second, first));
      assert.equal(keyring.keyId, dataKeyId(first));
      opens(first);
    });

    const unreadable: readonly (readonly [string, () => readonly Uint8Array[] | undefined])[] = [
      [
        'cannot be read',
        () => {
          throw new Error('EIO');
        },
      ],
      ['are not there', () => undefined],
      ['are none', () => []],
      ['are malformed', () => [second, Buffer.alloc(31)]],
    ];
    for (const [what, unusable] of unreadable) {
      it(`changes nothing where the keys ${what}`, () => {
        source = unusable;
        keyring.refresh();
        assert.deepEqual([keyring.keyId, keyring.keyIds], [dataKeyId(first), idsOf(first)]);
        opens(first);
      });
    }

    it('changes nothing where keys come from nowhere', () => {
      const fixed = openKeyring({ dataKey: first, otherKeys: [second] });
      fixed.refresh();
      assert.deepEqual(fixed.keyIds, idsOf(first, second));
    });
  });

  describe('sealUnder', () => {
    it('seals under another key from then on', () => {
      source = () => [first, second];
      keyring.refresh();
      assert.equal(keyring.sealUnder(dataKeyId(second)), true);
      assert.equal(keyring.keyId, dataKeyId(second));
      const sealed = keyring.seal(Buffer.from('value'), 'name');
      assert.equal(keyring.sealedUnder(sealed), dataKeyId(second));
      opens(first);
    });

    it('goes on as before where there is no such key', () => {
      assert.equal(keyring.sealUnder(dataKeyId(second)), false);
      assert.equal(keyring.keyId, dataKeyId(first));
    });
  });

  describe('sealedUnder', () => {
    it('names the key of a value, known or not, and none of what is no sealed value', () => {
      assert.equal(keyring.sealedUnder(sealedBy(third)), dataKeyId(third));
      assert.equal(keyring.sealedUnder(sealedBy(first).subarray(0, 36)), undefined);
      assert.equal(keyring.sealedUnder(Buffer.alloc(100)), undefined);
      assert.equal(looks, 0);
    });
  });

  describe('a value under a key that is not there', () => {
    let nowMs: number;

    beforeEach(() => {
      nowMs = 10_000;
      Object.defineProperty(performance, 'now', { configurable: true, value: () => nowMs });
    });
    afterEach(() => {
      // What is inherited shows again.
      Reflect.deleteProperty(performance, 'now');
    });

    it('is looked for once more, and opened', () => {
      source = () => [first, second];
      opens(second);
      assert.equal(looks, 1);
    });

    it('is looked for at most once a second, however many there are', () => {
      for (let count = 0; count < 100; count++) knowsNot(second);
      assert.equal(looks, 1);
      source = () => [first, second];
      nowMs += 999;
      knowsNot(second);
      assert.equal(looks, 1);
      nowMs += 1;
      opens(second);
      assert.equal(looks, 2);
    });

    it('keeps no key at hand from opening meanwhile', () => {
      knowsNot(second);
      opens(first);
      assert.equal(looks, 1);
    });
  });
});
