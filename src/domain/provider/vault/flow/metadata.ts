/** What a provider says of itself (OpenID Connect Discovery section 3). */
import {
  signingAlgorithms,
  type ClientGrant,
  type ClientRecord,
  type ProviderRecord,
} from '../../registry/records.ts';

const grantTypes: Readonly<Record<ClientGrant, string>> = {
  authorization_code: 'authorization_code',
  client_credentials: 'client_credentials',
  refresh_token: 'refresh_token',
  token_exchange: 'urn:ietf:params:oauth:grant-type:token-exchange',
};

/** Where people are sent to: a page, not the endpoint that answers JSON. */
export function authorizationPage(issuer: string): string {
  return `${issuer.replace('/v1/', '/ui/vault/')}/authorize`;
}

/**
 * The discovery document in Vault's form, of which `authorization_code` is the only grant unless a
 * client that the provider serves may use others. Vault leaves those out also then, and relying
 * parties that go by the document would not know of them.
 */
export function providerMetadata(
  issuer: string,
  { scopesSupported }: Pick<ProviderRecord, 'scopesSupported'>,
  clients: readonly Pick<ClientRecord, 'grants'>[],
): Readonly<Record<string, unknown>> {
  const grants = new Set<ClientGrant>(['authorization_code', ...clients.flatMap((client) => client.grants)]);
  return {
    issuer,
    jwks_uri: `${issuer}/.well-known/keys`,
    authorization_endpoint: authorizationPage(issuer),
    token_endpoint: `${issuer}/token`,
    userinfo_endpoint: `${issuer}/userinfo`,
    introspection_endpoint: `${issuer}/introspect`,
    revocation_endpoint: `${issuer}/revoke`,
    end_session_endpoint: `${issuer.replace('/v1/', '/ui/vault/')}/logout`,
    backchannel_logout_supported: true,
    backchannel_logout_session_supported: true,
    request_parameter_supported: false,
    request_uri_parameter_supported: false,
    id_token_signing_alg_values_supported: [...signingAlgorithms],
    response_types_supported: ['code'],
    scopes_supported: [...scopesSupported, 'openid'],
    claims_supported: [],
    subject_types_supported: ['public'],
    grant_types_supported: [...grants].map((grant) => grantTypes[grant]),
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'none'],
    code_challenge_methods_supported: ['S256', 'plain'],
  };
}
