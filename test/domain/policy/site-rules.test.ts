import assert from 'node:assert/strict';
import { isFailure } from '../../../src/domain/errors.ts';
import { storedResourceId } from '../../../src/domain/ids.ts';
import { parsePolicy } from '../../../src/domain/policy/parse.ts';
import { resolvePolicy } from '../../../src/domain/policy/resolve.ts';
import { requireSiteRules } from '../../../src/domain/policy/site-rules.ts';
import { account, admin } from './plan-world.ts';

function faultOf(
  text: string,
  settings: { readonly usersInRootPolicyOnly?: boolean; readonly apiKeyByDefault?: boolean },
): string | undefined {
  const branch = storedResourceId('acct:policy:root');
  const resolved = resolvePolicy(parsePolicy(Buffer.from(text)), { account, branch, branchOwner: admin });
  try {
    requireSiteRules(resolved, { usersInRootPolicyOnly: false, apiKeyByDefault: true, ...settings });
    return undefined;
  } catch (error) {
    assert.ok(isFailure(error, 'POLICY_INVALID'));
    return `${error.at?.line ?? 0}: ${error.message}`;
  }
}

describe('requireSiteRules', () => {
  it('allows everything by default', () => {
    assert.equal(faultOf('- !policy { id: p, body: [ !user u, !host h ] }', {}), undefined);
  });

  it('refuses users whom the administrator does not own, if it is to', () => {
    const settings = { usersInRootPolicyOnly: true };
    assert.equal(
      faultOf('- !policy\n  id: p\n  body:\n  - !user u', settings),
      '4: User creation is disabled.',
    );
    assert.equal(faultOf('- !user u\n- !user { id: v, owner: !user admin }', settings), undefined);
    assert.equal(
      faultOf('- !policy { id: p, body: [ !user { id: u, owner: !user /admin } ] }', settings),
      undefined,
    );
    assert.equal(
      faultOf('- !group g\n- !user { id: u, owner: !group g }', settings),
      '2: User creation is disabled.',
    );
  });

  it('asks of each host whether it uses an API key, if it is to', () => {
    const settings = { apiKeyByDefault: false };
    assert.match(faultOf('- !user u\n- !host h', settings) ?? '', /^2: Host 'h' does not say/);
    assert.match(
      faultOf('- !host { id: h, annotations: { authn/api-key: FALSE } }', settings) ?? '',
      /Host 'h'/,
    );
    for (const value of ['true', '"yes"', 'anything']) {
      assert.equal(
        faultOf(`- !host { id: h, annotations: { authn/api-key: ${value} } }`, settings),
        undefined,
      );
    }
  });
});
