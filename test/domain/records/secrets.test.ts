import assert from 'node:assert/strict';
import { toResourceId } from '../../../src/domain/ids.ts';
import { secretKey, secretVersionKey } from '../../../src/domain/records/keys.ts';
import {
  changesToAdd,
  changesToRemove,
  decodeSecretHead,
  encodeSecretHead,
  newestOf,
  type SecretHead,
} from '../../../src/domain/records/secrets.ts';

const variable = toResourceId('acct', 'variable', 'db/password');

function afterValues(
  count: number,
  kept: number,
): { readonly head: SecretHead; readonly records: Map<string, Uint8Array> } {
  const records = new Map<string, Uint8Array>();
  let head: SecretHead | undefined;
  for (let number = 1; number <= count; number += 1) {
    for (const { key, value } of changesToAdd(
      variable,
      head,
      Buffer.from(`sealed ${String(number)}`),
      kept,
    )) {
      if (value === undefined) records.delete(key);
      else records.set(key, value);
    }
    head = decodeSecretHead(records.get(secretKey(variable)) ?? new Uint8Array());
  }
  assert.ok(head !== undefined);
  return { head, records };
}

describe('the records of a secret', () => {
  it('keep the newest value in the head', () => {
    const bytes = encodeSecretHead({
      version: 7,
      versions: [{ version: 7, expiresAt: 5 }],
      sealed: Buffer.from('sealed'),
    });
    assert.equal(newestOf(bytes).version, 7);
    assert.equal(Buffer.from(newestOf(bytes).sealed).toString(), 'sealed');
    assert.deepEqual(decodeSecretHead(bytes).versions, [{ version: 7, expiresAt: 5 }]);
  });

  it('keep older values each in its own record', () => {
    const { head, records } = afterValues(3, 20);
    assert.equal(head.version, 3);
    assert.deepEqual(
      head.versions.map((entry) => entry.version),
      [1, 2, 3],
    );
    assert.equal(Buffer.from(records.get(secretVersionKey(variable, 2)) ?? []).toString(), 'sealed 2');
    assert.equal(records.size, 3);
  });

  it('drop what is beyond the limit, and never count again from the start', () => {
    const { head, records } = afterValues(25, 20);
    assert.equal(head.version, 25);
    assert.equal(head.versions[0]?.version, 6);
    assert.equal(records.has(secretVersionKey(variable, 5)), false);
    assert.equal(records.size, 20);
  });

  it('keep only the newest when one version is kept', () => {
    const { head, records } = afterValues(3, 1);
    assert.deepEqual(
      head.versions.map((entry) => entry.version),
      [3],
    );
    assert.equal(records.size, 1);
  });

  it('all go when the variable goes', () => {
    const { head, records } = afterValues(25, 20);
    for (const { key } of changesToRemove(variable, head)) records.delete(key);
    assert.equal(records.size, 0);
  });
});
