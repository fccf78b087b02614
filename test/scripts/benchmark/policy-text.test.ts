import assert from 'node:assert/strict';
import { parsePolicy } from '../../../src/domain/policy/parse.ts';
import type { Statement } from '../../../src/domain/policy/statements.ts';
import { policyText } from '../../../scripts/benchmark/policy-text.ts';

function* allOf(statements: readonly Statement[]): Generator<Statement> {
  for (const statement of statements) {
    yield statement;
    if ('body' in statement) yield* allOf(statement.body);
  }
}

describe('policyText', () => {
  for (const count of [1, 9, 22, 137, 1_000, 10_000]) {
    it(`makes a policy of exactly ${count} statements`, () => {
      assert.equal([...allOf(parsePolicy(Buffer.from(policyText(count))))].length, count);
    });
  }

  it('makes the same text every time', () => {
    assert.equal(policyText(500), policyText(500));
  });

  it('mixes what policies are made of', () => {
    const tags = new Set(Array.from(allOf(parsePolicy(Buffer.from(policyText(1_000)))), ({ tag }) => tag));
    assert.deepEqual([...tags].sort(), [
      'grant',
      'group',
      'host',
      'layer',
      'permit',
      'policy',
      'user',
      'variable',
    ]);
  });

  it('takes about 130 bytes for a statement', () => {
    const bytes = policyText(10_000).length / 10_000;
    assert.ok(bytes > 120 && bytes < 140, String(bytes));
  });
});
