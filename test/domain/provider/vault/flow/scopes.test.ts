import assert from 'node:assert/strict';
import {
  asksForOpenId,
  scopesOf,
  supportedScopes,
} from '../../../../../src/domain/provider/vault/flow/scopes.ts';

describe('scopesOf', () => {
  it('separates at blanks, and gives each once and in order', () => {
    assert.deepEqual(scopesOf(' user openid  groups user '), ['groups', 'openid', 'user']);
  });

  it('finds none where there is no parameter', () => {
    assert.deepEqual(scopesOf(undefined), []);
    assert.deepEqual(scopesOf(''), []);
  });
});

describe('asksForOpenId', () => {
  it('looks for the whole word', () => {
    assert.equal(asksForOpenId('groups openid'), true);
    assert.equal(asksForOpenId('openid2 OpenID'), false);
  });
});

describe('supportedScopes', () => {
  it('drops what the provider does not support, and openid', () => {
    const provider = { scopesSupported: ['user', 'groups'] };
    assert.deepEqual(supportedScopes(['email', 'groups', 'openid'], provider), ['groups']);
  });
});
