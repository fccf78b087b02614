/** Records of the registry as the protocol endpoints of Vault's dialect meet them. */
import type { ClientRecord, KeyRecord, ProviderRecord } from '../../src/domain/provider/registry/records.ts';

export function vaultClient(changes: Partial<ClientRecord> = {}): ClientRecord {
  return {
    clientId: 'client-1',
    dialect: 'vault',
    name: 'test-client',
    type: 'confidential',
    disabled: false,
    secrets: [],
    grants: ['authorization_code'],
    redirectUris: ['https://localhost:8251/callback'],
    postLogoutRedirectUris: [],
    accessTokenFormat: 'opaque',
    key: 'test-key',
    idTokenTtlSeconds: 86_400,
    accessTokenTtlSeconds: 86_400,
    refreshTokenTtlSeconds: 86_400,
    scopes: [],
    audiences: [],
    assignments: ['test-assignment'],
    permissions: [],
    createdAt: 0,
    updatedAt: 0,
    ...changes,
  };
}

export function vaultProvider(changes: Partial<ProviderRecord> = {}): ProviderRecord {
  return {
    name: 'test-provider',
    id: 'provider-1',
    issuerOrigin: '',
    allowedClientIds: ['client-1'],
    scopesSupported: ['test-scope', 'conflict'],
    ...changes,
  };
}

export function vaultKey(changes: Partial<KeyRecord> = {}): KeyRecord {
  return {
    name: 'test-key',
    algorithm: 'RS256',
    rotationPeriodSeconds: 86_400,
    verificationTtlSeconds: 86_400,
    allowedClientIds: ['*'],
    pairs: [],
    nextRotationAt: 0,
    ...changes,
  };
}
