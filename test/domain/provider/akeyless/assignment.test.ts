import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readAssignment } from '../../../../src/domain/provider/akeyless/assignment.ts';
import { isFailure } from '../../../../src/domain/errors.ts';
import { assertProperty } from '../../../support/property.ts';

const id = 'p-0123456789ab';

describe('readAssignment', () => {
  it('reads entries of either kind, with sub-claims or without', () => {
    const text = `[{"access_id":"${id}","sub_claims":{"email":["a","b"]}},{"group_id":"g-0123456789ab"}]`;
    assert.deepEqual(readAssignment(text), [
      { accessId: id, subClaims: { email: ['a', 'b'] } },
      { groupId: 'g-0123456789ab', subClaims: {} },
    ]);
  });

  it('takes one value for a list of one, drops values that come again, and takes null for nothing', () => {
    const entry = { access_id: id, group_id: null, sub_claims: { email: 'a', role: ['x', 'x'] } };
    assert.deepEqual(readAssignment([entry]), [{ accessId: id, subClaims: { email: ['a'], role: ['x'] } }]);
    assert.deepEqual(readAssignment([{ access_id: id, sub_claims: null }]), [
      { accessId: id, subClaims: {} },
    ]);
  });

  it('takes no text for an empty list', () => {
    assert.deepEqual(readAssignment('  '), []);
    assert.deepEqual(readAssignment('[]'), []);
  });

  it('lets what lists show come back, and says nothing about who fits', () => {
    const shown = {
      access_id: id,
      access_type: 'oidc',
      assignment_name: 'x',
      assignment_type: 'y',
      sub_claims: {},
    };
    assert.deepEqual(readAssignment([shown]), [{ accessId: id, subClaims: {} }]);
  });

  it('keeps a claim called __proto__ from becoming anything else', () => {
    const text = `[{"access_id":"${id}","sub_claims":{"__proto__":["x"]}}]`;
    const [entry] = readAssignment(text);
    assert.deepEqual(Object.keys(entry?.subClaims ?? {}), ['__proto__']);
  });

  it('has limits for entries, claims, values and texts', () => {
    const refuses = (value: unknown): void => {
      assert.throws(() => readAssignment(value), { code: 'REGISTRY_FIELD_INVALID' });
    };
    refuses(Array.from({ length: 101 }, () => ({ access_id: id })));
    const claims = Object.fromEntries(Array.from({ length: 21 }, (_, index) => [`c${index}`, ['x']]));
    refuses([{ access_id: id, sub_claims: claims }]);
    refuses([{ access_id: id, sub_claims: { a: Array.from({ length: 101 }, (_, index) => `v${index}`) } }]);
    refuses([{ access_id: id, sub_claims: { a: ['x'.repeat(1_001)] } }]);
  });

  it('refuses whatever else with its own failure, and never repeats a value', () => {
    assertProperty(
      fc.property(fc.jsonValue(), (value) => {
        try {
          readAssignment(value);
        } catch (error) {
          assert.ok(isFailure(error, 'REGISTRY_FIELD_INVALID'));
        }
      }),
      { numRuns: 300 },
    );
    const secret = 'not-to-be-repeated';
    assert.throws(
      () => readAssignment([{ access_id: id, sub_claims: { email: [secret, 7] } }]),
      (error) => error instanceof Error && !error.message.includes(secret),
    );
  });
});
