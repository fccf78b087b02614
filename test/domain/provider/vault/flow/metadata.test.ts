import assert from 'node:assert/strict';
import {
  authorizationPage,
  providerMetadata,
} from '../../../../../src/domain/provider/vault/flow/metadata.ts';

const issuer = 'http://127.0.0.1:8200/v1/identity/oidc/provider/test-provider';

describe('authorizationPage', () => {
  it('is the page that goes with the issuer', () => {
    const page = 'http://127.0.0.1:8200/ui/vault/identity/oidc/provider/test-provider/authorize';
    assert.equal(authorizationPage(issuer), page);
  });
});

describe('providerMetadata', () => {
  it('names openid last, and as Vault does only the grant of codes', () => {
    const metadata = providerMetadata(issuer, { scopesSupported: ['zeta'] }, []);
    assert.deepEqual(metadata['scopes_supported'], ['zeta', 'openid']);
    assert.deepEqual(metadata['grant_types_supported'], ['authorization_code']);
  });

  it('names each further grant that a client may use, once, by its name in requests', () => {
    const clients = [
      { grants: ['authorization_code', 'token_exchange'] },
      { grants: ['token_exchange', 'client_credentials'] },
    ] as const;
    assert.deepEqual(providerMetadata(issuer, { scopesSupported: [] }, clients)['grant_types_supported'], [
      'authorization_code',
      'urn:ietf:params:oauth:grant-type:token-exchange',
      'client_credentials',
    ]);
  });
});
