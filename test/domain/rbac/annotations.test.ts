import assert from 'node:assert/strict';
import { Annotations } from '../../../src/domain/rbac/annotations.ts';

describe('Annotations', () => {
  it('keep no resource that room was made for and that was not annotated', () => {
    const annotations = new Annotations();
    annotations.reserve(1);
    annotations.reserve(2);
    annotations.put(2, 'owner', { value: 'ops', policy: 7 });
    annotations.settle(1);
    annotations.settle(2);
    assert.deepEqual([...annotations.resources()], [2]);
    assert.deepEqual([...annotations.of(2)], [['owner', { value: 'ops', policy: 7 }]]);
    assert.deepEqual(annotations.find(1, 'owner'), undefined);
  });
});
