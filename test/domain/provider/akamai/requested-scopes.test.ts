import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isFailure, type LatchkeyError } from '../../../../src/domain/errors.ts';
import { requestedScopes } from '../../../../src/domain/provider/akamai/tokens.ts';
import { assertProperty } from '../../../support/property.ts';

const policy = ['*:config/tokenPolicies', '.:config/loginPolicies', '*:config/**', 'openid'];

function refusal(scope: string | undefined, allowed = policy): LatchkeyError {
  try {
    requestedScopes(scope, allowed);
  } catch (error) {
    if (isFailure(error, 'OAUTH_INVALID_SCOPE')) return error;
    throw error;
  }
  throw new Error(`not refused: ${String(scope)}`);
}

describe('requestedScopes', () => {
  it('gives each scope that is asked for and literally in the policy, once', () => {
    assert.deepEqual(requestedScopes('*:config/tokenPolicies', policy), ['*:config/tokenPolicies']);
    assert.deepEqual(
      requestedScopes(' .:config/loginPolicies   *:config/**  .:config/loginPolicies', policy),
      ['.:config/loginPolicies', '*:config/**'],
    );
    assert.deepEqual(requestedScopes('*:config/\\**', policy), ['*:config/**']);
  });

  it('refuses all when one is not in the policy, however much the policy allows otherwise', () => {
    for (const scope of [
      '*:config/clients',
      '.:config/**',
      '*:config',
      '*:config/** *:config/clients',
      'bogus',
    ]) {
      assert.match(refusal(scope).advice ?? '', /not among the allowedScopes/, scope);
    }
  });

  it('gives no scope of people, though the policy has it', () => {
    refusal('openid');
  });

  it('refuses to give none', () => {
    for (const scope of [undefined, '', '   ']) assert.match(refusal(scope).advice ?? '', /scope is missing/);
  });

  it('explains a plus sign that became a blank', () => {
    assert.match(refusal(' :config/clients', ['+:config/clients']).advice ?? '', /%2B/);
  });

  it('never gives what the policy does not have', () => {
    const word = fc.oneof(fc.constantFrom(...policy, '+:config', '.:config/**'), fc.string());
    assertProperty(
      fc.property(fc.array(word), (words) => {
        let scopes: readonly string[] = [];
        try {
          scopes = requestedScopes(words.join(' '), policy);
        } catch (error) {
          assert.ok(isFailure(error, 'OAUTH_INVALID_SCOPE'));
        }
        assert.ok(scopes.every((scope) => policy.includes(scope)));
      }),
    );
  });
});
