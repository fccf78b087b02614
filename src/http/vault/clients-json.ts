/** A client's members: Vault's always, OpenBao's and ours where they are not as they are by default. */
import { clientDefaults, type ClientChange } from '../../domain/provider/vault/clients-change.ts';
import type { ClientRecord } from '../../domain/provider/registry/records.ts';
import type { Values } from './fields.ts';

export const clientFields = {
  key: 'string',
  redirect_uris: 'list',
  assignments: 'list',
  client_type: 'string',
  id_token_ttl: 'seconds',
  access_token_ttl: 'seconds',
  authorization_code: 'bool',
  client_credentials: 'bool',
  client_id: 'string',
  client_secret: 'string',
  refresh_token: 'bool',
  refresh_token_ttl: 'seconds',
  token_exchange: 'bool',
  access_token_format: 'string',
  post_logout_redirect_uris: 'list',
  backchannel_logout_uri: 'string',
  disabled: 'bool',
} as const;

export function changeOf(values: Values<typeof clientFields>): ClientChange {
  return {
    key: values.key,
    redirectUris: values.redirect_uris,
    assignments: values.assignments,
    clientType: values.client_type,
    idTokenTtlSeconds: values.id_token_ttl,
    accessTokenTtlSeconds: values.access_token_ttl,
    authorizationCode: values.authorization_code,
    clientCredentials: values.client_credentials,
    clientId: values.client_id,
    clientSecret: values.client_secret,
    refreshToken: values.refresh_token,
    refreshTokenTtlSeconds: values.refresh_token_ttl,
    tokenExchange: values.token_exchange,
    accessTokenFormat: values.access_token_format,
    postLogoutRedirectUris: values.post_logout_redirect_uris,
    backchannelLogoutUri: values.backchannel_logout_uri,
    disabled: values.disabled,
  };
}

/**
 * A client as it is read, or listed where there is no secret. Clients that go by Vault's members alone
 * find nothing else in a client that was given nothing else.
 */
export function shownClient(client: ClientRecord, secret?: string): Readonly<Record<string, unknown>> {
  return {
    access_token_ttl: client.accessTokenTtlSeconds,
    assignments: client.assignments,
    client_id: client.clientId,
    ...(secret === undefined ? {} : { client_secret: secret }),
    client_type: client.type,
    id_token_ttl: client.idTokenTtlSeconds,
    key: client.key,
    redirect_uris: client.redirectUris,
    ...furtherMembers(client),
  };
}

function furtherMembers(client: ClientRecord): Readonly<Record<string, unknown>> {
  const { grants, disabled, accessTokenFormat, postLogoutRedirectUris, backchannelLogoutUri } = client;
  const members: Readonly<Record<string, readonly [value: unknown, shown: boolean]>> = {
    authorization_code: [false, !grants.includes('authorization_code')],
    client_credentials: [true, grants.includes('client_credentials')],
    refresh_token: [true, grants.includes('refresh_token')],
    refresh_token_ttl: [
      client.refreshTokenTtlSeconds,
      client.refreshTokenTtlSeconds !== clientDefaults.refreshTokenTtlSeconds,
    ],
    token_exchange: [true, grants.includes('token_exchange')],
    access_token_format: [accessTokenFormat, accessTokenFormat !== clientDefaults.accessTokenFormat],
    post_logout_redirect_uris: [postLogoutRedirectUris, postLogoutRedirectUris.length > 0],
    backchannel_logout_uri: [backchannelLogoutUri, backchannelLogoutUri !== undefined],
    disabled: [true, disabled],
  };
  const given = Object.entries(members).filter(([, [, isShown]]) => isShown);
  return Object.fromEntries(given.map(([name, [value]]) => [name, value]));
}
