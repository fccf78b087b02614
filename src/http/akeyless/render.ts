/** How apps, authentication methods and groups are shown: by the names of Akeyless' public API. */
import type { AuthMethod, ListedGroup } from '../../domain/provider/akeyless/read.ts';
import { itemIdOf } from '../../domain/provider/akeyless/ids.ts';
import { tokenExchange } from '../../domain/provider/akeyless/exchange.ts';
import type {
  ClientGrant,
  ClientRecord,
  PermissionAssignment,
} from '../../domain/provider/registry/records.ts';

type Shown = Readonly<Record<string, unknown>>;

const grantTypes: Readonly<Record<ClientGrant, string>> = {
  token_exchange: tokenExchange,
  authorization_code: 'authorization_code',
  refresh_token: 'refresh_token',
  client_credentials: 'client_credentials',
};

/**
 * An app as an item.
 * @param minimal leaves out what the app does
 */
export function shownItem(app: ClientRecord, issuer: string, minimal = false): Shown {
  const {
    name,
    clientId,
    disabled,
    createdAt,
    updatedAt,
    description = '',
    tags = [],
    deleteProtection = false,
  } = app;
  const item = {
    item_name: name,
    item_id: itemIdOf(clientId),
    display_id: clientId,
    item_type: 'OIDC_CLIENT',
    item_sub_type: 'generic',
    item_state: disabled ? 'Disabled' : 'Enabled',
    is_enabled: !disabled,
    item_metadata: description,
    item_tags: tags,
    delete_protection: deleteProtection,
    last_version: 1,
    creation_date: dateOf(createdAt),
    modification_date: dateOf(updatedAt),
  };
  return minimal ? item : { ...item, item_general_info: { oidc_client_info: shownClient(app, issuer) } };
}

function shownClient(app: ClientRecord, issuer: string): Shown {
  return {
    client_id: app.clientId,
    issuer_url: issuer,
    public: app.type === 'public',
    redirect_uris: app.redirectUris,
    logout_uris: app.postLogoutRedirectUris,
    scopes: app.scopes,
    audience: app.audiences,
    grant_types: app.grants.map((grant) => grantTypes[grant]),
    response_types: app.grants.includes('authorization_code') ? ['code'] : [],
    access_permission_assignment: app.permissions.map(shownAssignment),
  };
}

/** As it was given, so that it can be sent again. */
function shownAssignment({ accessId, groupId, subClaims }: PermissionAssignment): Shown {
  return {
    ...(accessId === undefined ? {} : { access_id: accessId }),
    ...(groupId === undefined ? {} : { group_id: groupId }),
    sub_claims: subClaims,
  };
}

/** What Akeyless calls the rules of an authenticator's kind. */
const rulesOfKind: Readonly<Record<string, string>> = {
  authn: 'api_key',
  'authn-jwt': 'oauth2/jwt',
  'authn-oidc': 'oidc',
  'authn-ldap': 'ldap',
  'authn-iam': 'aws_iam',
  'authn-azure': 'azure_ad',
  'authn-gcp': 'gcp',
  'authn-k8s': 'k8s',
};

export function rulesTypeOf({ kind }: Pick<AuthMethod, 'kind'>): string {
  return rulesOfKind[kind] ?? kind;
}

export function shownAuthMethod(method: AuthMethod, accountId: string): Shown {
  const { accessId, name, createdAt } = method;
  return {
    auth_method_name: name,
    auth_method_access_id: accessId,
    account_id: accountId,
    is_approved: true,
    access_info: { access_id_alias: accessId, rules_type: rulesTypeOf(method) },
    ...(createdAt === undefined ? {} : { creation_date: dateOf(createdAt) }),
  };
}

export function shownGroup(
  { groupId, name, description = '', createdAt }: ListedGroup,
  accountId: string,
): Shown {
  return {
    group_id: groupId,
    group_name: name,
    group_alias: name,
    account_id: accountId,
    description,
    creation_date: dateOf(createdAt),
  };
}

function dateOf(time: number): string {
  return new Date(time).toISOString();
}
