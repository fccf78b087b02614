import assert from 'node:assert/strict';
import {
  permitOne,
  permitOnly,
  requireAny,
  requireEach,
  requireExactlyOne,
  requireMatch,
} from '../../../src/domain/authn/restrictions.ts';
import { isFailure, type ErrorCode } from '../../../src/domain/errors.ts';

const given = (...names: readonly string[]): Map<string, string> => new Map(names.map((name) => [name, 'x']));
const refuses = (act: () => void, code: ErrorCode, message: string): void => {
  assert.throws(act, (error) => {
    assert.ok(isFailure(error, code));
    assert.equal(error.message, message);
    return true;
  });
};

describe('constraints on annotations', () => {
  it('demand each of several, and list those that are missing', () => {
    requireEach(given('a', 'b', 'c'), ['a', 'b']);
    refuses(
      () => {
        requireEach(given('c'), ['a', 'b']);
      },
      'RESTRICTIONS_REQUIRED',
      `Role does not have the required constraints: '["a", "b"]'`,
    );
  });

  it('demand any of several', () => {
    requireAny(given('b'), ['a', 'b']);
    refuses(
      () => {
        requireAny(given('c'), ['a', 'b']);
      },
      'RESTRICTIONS_ANY_REQUIRED',
      'Role must have at least one of the following constraints: ["a", "b"]',
    );
  });

  it('demand exactly one of several', () => {
    requireExactlyOne(given('a', 'c'), ['a', 'b']);
    const text =
      'Role must have exactly one of the following required constraints: ["a", "b"]. Role configured with';
    refuses(
      () => {
        requireExactlyOne(given('c'), ['a', 'b']);
      },
      'RESTRICTIONS_EXACTLY_ONE',
      `${text} []`,
    );
    refuses(
      () => {
        requireExactlyOne(given('a', 'b'), ['a', 'b']);
      },
      'RESTRICTIONS_EXACTLY_ONE',
      `${text} ["a", "b"]`,
    );
  });

  it('permit some and no others, and one at most', () => {
    permitOnly(given('a'), ['a', 'b']);
    permitOne(given('a', 'c'), ['a', 'b']);
    refuses(
      () => {
        permitOnly(given('a', 'c'), ['a', 'b']);
      },
      'RESTRICTIONS_UNSUPPORTED',
      `Resource restrictions '["c"]' are not supported. The supported resources are '["a", "b"]'`,
    );
    refuses(
      () => {
        permitOne(given('a', 'b'), ['a', 'b']);
      },
      'RESTRICTIONS_CONFLICT',
      `Resource restrictions include an illegal combination of resource constraints - '["a", "b"]'`,
    );
  });

  it('compare texts exactly, and say no value', () => {
    requireMatch('a', '1', '1');
    for (const stated of [1, ['1'], '01', undefined, null, { toString: () => '1' }])
      refuses(
        () => {
          requireMatch('a', '1', stated);
        },
        'RESTRICTION_MISMATCH',
        "Resource restriction 'a' does not match with the corresponding value in the request",
      );
  });
});
