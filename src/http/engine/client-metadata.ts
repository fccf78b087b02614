/** A client as the library knows it. */
import type { AllClientMetadata } from 'oidc-provider';
import type { ClientRecord } from '../../domain/provider/registry/records.ts';

/** The library's schema is passed by this URI, whatever the client's: they are matched by {@link IssuerSpec}. */
const unusedUri = 'https://unused.invalid/';

/**
 * What the library needs to know of a client. What the record says of secrets, redirect URIs and grants
 * is not in it: those questions go to the record itself.
 */
export function clientMetadata({ clientId, type, backchannelLogoutUri }: ClientRecord): AllClientMetadata {
  const logout = {
    backchannel_logout_uri: backchannelLogoutUri,
    backchannel_logout_session_required: true,
  };
  return {
    client_id: clientId,
    ...(type === 'public'
      ? { token_endpoint_auth_method: 'none' }
      : { token_endpoint_auth_method: 'client_secret_basic', client_secret: 'unused' }),
    grant_types: ['authorization_code'],
    response_types: ['code'],
    response_modes: ['query', 'fragment'],
    redirect_uris: [unusedUri],
    ...(backchannelLogoutUri === undefined ? {} : logout),
  };
}
