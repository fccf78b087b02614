import assert from 'node:assert/strict';
import {
  refuseUserinfo,
  type UserinfoFacts,
} from '../../../../../src/domain/provider/vault/flow/userinfo-checks.ts';
import { vaultClient, vaultProvider } from '../../../../support/vault-flow.ts';

const facts: UserinfoFacts = {
  token: 'issued',
  entity: 'there',
  provider: vaultProvider(),
  client: vaultClient(),
  assigned: true,
  conflict: false,
};

describe('refuseUserinfo', () => {
  for (const [title, refused, reason, given] of [
    ['there is no token', 'invalid_token', /no access token/, { ...facts, token: 'absent' }],
    ['the role is gone', 'invalid_token', /role is gone/, { ...facts, entity: 'gone' }],
    ['the provider is unknown', 'invalid_request', /no such provider/, { ...facts, provider: undefined }],
    ['the token came in X-Vault-Token', 'invalid_token', /X-Vault-Token/, { ...facts, token: 'header' }],
    [
      'the token is of a session',
      'invalid_token',
      /no access token of a provider/,
      { ...facts, token: 'other' },
    ],
    ['the client was deleted', 'access_denied', /client of the token/, { ...facts, client: undefined }],
    ['the role is no longer assigned', 'access_denied', /assignment/, { ...facts, assigned: false }],
    [
      'the provider dropped the client',
      'access_denied',
      /does not allow/,
      { ...facts, provider: vaultProvider({ allowedClientIds: [] }) },
    ],
    ['scopes claim the same', 'invalid_request', /claim the same/, { ...facts, conflict: true }],
  ] as const) {
    it(`answers ${refused} where ${title}`, () => {
      const refusal = refuseUserinfo(given);
      assert.equal(refusal?.refused, refused);
      assert.match(refusal.reason, reason);
    });
  }

  it('finds nothing against a good token', () => {
    assert.equal(refuseUserinfo(facts), undefined);
  });
});
