/** The kinds of authenticator that can be managed, and the settings that each has. */
import { webserviceOf } from '../authn/authenticators.ts';
import { isIdText, partsOf, type Account, type ResourceId } from '../ids.ts';

/** How a value is kept in its variable: as it is, as JSON, as `a,b`, or as `a:x,b:y`. */
export type SettingForm = 'text' | 'json' | 'list' | 'pairs';

/** One setting: a field of a request, and the variable that keeps it. */
export interface Setting {
  /** For example `client_secret`, or `kubernetes/api_url`. */
  readonly field: string;
  /** Below the authenticator's policy, for example `client-secret`. */
  readonly variable: string;
  /** Shown only to who may read the variable, and to no audit record. */
  readonly secret: boolean;
  /** Not shown in audit records, as what does not belong there may well be found in it. */
  readonly redacted: boolean;
  /** Whether the field stands in the object `identity`. */
  readonly identity: boolean;
  readonly form: SettingForm;
}

export interface ManagedKind {
  /** For example `authn-iam`. */
  readonly kind: string;
  /** What requests and answers call it, for example `aws`. */
  readonly type: string;
  /** In the order in which they are shown; undefined for a kind without any. */
  readonly settings: readonly Setting[] | undefined;
}

/** The one authenticator of its kind that has no service id is called so. */
export const gcpName = 'default';
const gcpKind = 'authn-gcp';

const managedKinds: readonly ManagedKind[] = [
  {
    kind: 'authn-jwt',
    type: 'jwt',
    settings: [
      setting('ca_cert', { redacted: true }),
      setting('audience'),
      setting('jwks_uri'),
      setting('issuer'),
      setting('public_keys', { redacted: true, form: 'json' }),
      setting('token_app_property', { identity: true }),
      setting('identity_path', { identity: true }),
      setting('enforced_claims', { identity: true, form: 'list' }),
      setting('claim_aliases', { identity: true, form: 'pairs' }),
    ],
  },
  {
    kind: 'authn-oidc',
    type: 'oidc',
    settings: [
      setting('ca_cert', { redacted: true }),
      setting('token_ttl'),
      setting('provider_uri'),
      setting('id_token_user_property'),
      setting('client_id'),
      setting('provider_scope'),
      setting('client_secret', { secret: true }),
      setting('claim_mapping'),
      setting('name'),
      setting('response_type'),
      setting('redirect_uri'),
      // What an ID token is checked against, beyond what Conjur knows.
      setting('audience'),
      setting('issuer'),
    ],
  },
  { kind: 'authn-azure', type: 'azure', settings: [setting('provider_uri')] },
  {
    kind: 'authn-k8s',
    type: 'k8s',
    settings: [
      setting('kubernetes/service_account_token', { secret: true }),
      setting('kubernetes/ca_cert', { redacted: true }),
      setting('kubernetes/api_url'),
      setting('ca/cert', { redacted: true }),
      setting('ca/key', { secret: true }),
    ],
  },
  {
    kind: 'authn-ldap',
    type: 'ldap',
    settings: [setting('bind_password', { secret: true }), setting('tls_ca_cert', { redacted: true })],
  },
  { kind: 'authn-iam', type: 'aws', settings: undefined },
  { kind: gcpKind, type: 'gcp', settings: undefined },
];

const byType = new Map(managedKinds.map((managed) => [managed.type, managed]));
const byKind = new Map(managedKinds.map((managed) => [managed.kind, managed]));

function setting(field: string, more: Partial<Setting> = {}): Setting {
  const { secret = false, redacted = secret, identity = false, form = 'text' } = more;
  return { field, variable: field.replaceAll('_', '-'), secret, redacted, identity, form };
}

/** The kind that a request means by a type: `jwt`, or for `authn-iam` `aws` as well as `iam`. */
export function kindOfType(type: string): ManagedKind | undefined {
  return byType.get(type) ?? byKind.get(`authn-${type}`);
}

/** Whether a record may show the values of a field, wherever it stands. */
export function isPublicSetting(type: string, field: string, identity: boolean): boolean {
  const found = kindOfType(type)?.settings?.find((known) => known.field === field);
  return found !== undefined && found.identity === identity && !found.redacted;
}

/** A managed authenticator, as a URL or its webservice names it. */
export interface ManagedName {
  readonly managed: ManagedKind;
  readonly name: string;
}

/**
 * The webservice of an authenticator.
 * @returns undefined for a name that none can have
 */
export function webserviceNamed(
  account: Account,
  { managed: { kind }, name }: ManagedName,
): ResourceId | undefined {
  if (kind === gcpKind) {
    return name === gcpName ? webserviceOf(account, { kind, serviceId: undefined }) : undefined;
  }
  if (name.includes('/') || !isIdText(account, 'webservice', `conjur/${kind}/${name}`)) return undefined;
  return webserviceOf(account, { kind, serviceId: name });
}

/** The authenticator of a webservice; undefined when it is of none, or of one that cannot be managed. */
export function nameOfWebservice(webservice: ResourceId): ManagedName | undefined {
  const { kind, identifier } = partsOf(webservice);
  const [, kindText = '', name] =
    kind === 'webservice' ? (/^conjur\/(authn-[^/]+)(?:\/([^/]+))?$/.exec(identifier) ?? []) : [];
  const managed = byKind.get(kindText);
  if (managed === undefined || (name === undefined) !== (managed.kind === gcpKind)) return undefined;
  return { managed, name: name ?? gcpName };
}

/** The identifier under which everything of an authenticator stands: `conjur/authn-jwt/ci`. */
export function identifierOf({ managed: { kind }, name }: ManagedName): string {
  return kind === gcpKind ? `conjur/${kind}` : `conjur/${kind}/${name}`;
}

/** Whether the authenticator is all that its kind's policy holds, so that it has no policy of its own. */
export function isOnlyOne({ kind }: ManagedKind): boolean {
  return kind === gcpKind;
}
