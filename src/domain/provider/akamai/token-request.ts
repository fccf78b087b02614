/** The token endpoint as configuration clients use it. */
import type { ProviderEvent } from '../../audit/provider-events.ts';
import { audited } from '../../audited.ts';
import { LatchkeyError } from '../../errors.ts';
import { occurrence } from '../../occurrence.ts';
import type { RequestContext } from '../../request.ts';
import type { Services } from '../../services.ts';
import type { ClientRecord } from '../registry/records.ts';
import type { Registry } from '../registry/registry.ts';
import { requireCustomer } from './access.ts';
import { matchingSecret } from './client-secrets.ts';
import { issueConfigurationToken, type ConfigurationToken } from './tokens.ts';

/** A token request as a face read it. */
export interface TokenParameters {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly grantType: string;
  readonly scope: string | undefined;
}

export type TokenRequestServices = Pick<
  Services,
  'authority' | 'ephemeral' | 'keyring' | 'audit' | 'clock' | 'settings' | 'publicOrigin' | 'attempts'
>;

/** The issuer that a customer's people and clients know. */
export function issuerOf({ publicOrigin }: Pick<Services, 'publicOrigin'>, customerId: string): string {
  return `${publicOrigin()}/${customerId}/login`;
}

/**
 * Gives a configuration client an access token for its own secret (RFC 6749 section 4.4). There is no refresh
 * token: the client asks again. Audited, requests that cannot be read included.
 *
 * @param read the parameters; it tells the client id as soon as it knows it
 * @throws LatchkeyError `CUSTOMER_NOT_FOUND`
 * @throws LatchkeyError `OAUTH_INVALID_CLIENT`: unknown, disabled, or another secret; a caller cannot tell which
 * @throws LatchkeyError `OAUTH_UNSUPPORTED_GRANT_TYPE`, `OAUTH_UNAUTHORIZED_CLIENT`, `OAUTH_INVALID_SCOPE`
 * @throws LatchkeyError `ATTEMPTS_EXCEEDED`, instead of `OAUTH_INVALID_CLIENT`, where too many failed of late
 * @throws LatchkeyError what `read` throws
 */
export async function requestConfigurationToken(
  services: TokenRequestServices,
  request: RequestContext & { readonly customerId: string },
  read: (identified: (clientId: string) => void) => Promise<TokenParameters>,
): Promise<ConfigurationToken> {
  const { account } = services.settings;
  const issuer = issuerOf(services, request.customerId);
  let [client, role, scope] = ['', 'unknown', ''];
  const describe = (failure: unknown): ProviderEvent => ({
    ...occurrence(services, request, failure),
    type: 'oidc-provider',
    operation: 'issue-tokens',
    role,
    client,
    issuer,
    grant: 'client_credentials',
    ...(scope === '' ? {} : { scope }),
  });
  const act = async (): Promise<ConfigurationToken> => {
    const parameters = await read((clientId) => {
      client = clientId.slice(0, 200);
    });
    const view = await services.authority.read(account, []);
    requireCustomer(view, request.customerId);
    const { clientSecret, grantType } = parameters;
    const record = authenticated(view.state.registry, parameters, services.clock.now());
    role = `${account}:client:${record.clientId}`;
    if (grantType !== 'client_credentials') throw new LatchkeyError('OAUTH_UNSUPPORTED_GRANT_TYPE');
    const token = await issueConfigurationToken(services, view, record, clientSecret, parameters.scope);
    scope = token.scopes.join(' ');
    return token;
  };
  return services.attempts.byToken({ request, account, name: `akamai/${request.customerId}` }, () =>
    audited(services.audit, describe, act),
  );
}

/** Hashes the secret that was sent whether or not there is such a client. */
function authenticated(
  registry: Registry,
  { clientId, clientSecret }: TokenParameters,
  now: number,
): ClientRecord {
  const client = registry.get('oidc-client', clientId);
  const proof = matchingSecret({ secrets: client?.secrets ?? [] }, clientSecret, now);
  const detail =
    client?.dialect !== 'akamai'
      ? 'there is no such client'
      : client.disabled
        ? 'the client is disabled'
        : proof === undefined
          ? 'the secret is not right, or no longer'
          : undefined;
  if (client !== undefined && detail === undefined) return client;
  throw new LatchkeyError('OAUTH_INVALID_CLIENT', { detail: detail ?? '' });
}
