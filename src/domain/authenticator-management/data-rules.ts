/** What the settings of each kind of authenticator may be, with Conjur's messages and in its order. */
import { LatchkeyError } from '../errors.ts';
import {
  fieldOf,
  invalidField,
  isGiven,
  listIn,
  objectIn,
  plainRule,
  refuseUnknown,
  requireGiven,
  requireText,
  textIn,
  tooLong,
  type JsonObject,
} from './fields.ts';

const maxAddress = 255;
const maxText = 1_000;
const maxPublicKeys = 10_000;

/**
 * Checks the settings of a new authenticator.
 * @param type as the request gave it
 * @throws LatchkeyError `FIELD_INVALID`, `FIELD_MISSING`, `FIELD_TYPE_INVALID`: the first fault
 */
export function requireData(type: string, data: JsonObject | undefined): void {
  if (type === 'aws' || type === 'iam' || type === 'gcp') {
    if (data === undefined) return;
    throw invalidField(`The 'data' object cannot be specified for ${type} authenticators.`);
  }
  if (data === undefined || Object.keys(data).length === 0) {
    if (type === 'ldap') return;
    throw invalidField(
      `The 'data' object must be specified for ${type} authenticators and it must be a non-empty JSON object.`,
    );
  }
  switch (type) {
    case 'jwt':
      requireJwt(data);
      return;
    case 'oidc':
      requireOidc(data);
      return;
    case 'azure':
      requireTexts(data, ['provider_uri'], { required: ['provider_uri'], addresses: ['provider_uri'] });
      return;
    case 'k8s':
      requireTexts(data, k8sFields, { required: ['ca/key', 'ca/cert'] });
      return;
    case 'ldap':
      requireLdap(data);
      return;
    default:
      refuseUnknown(data, []);
  }
}

const k8sFields = [
  'kubernetes/ca_cert',
  'kubernetes/service_account_token',
  'kubernetes/api_url',
  'ca/key',
  'ca/cert',
];

/** Fields that are texts, some of them needed, some of them addresses; no others. */
function requireTexts(
  data: JsonObject,
  fields: readonly string[],
  rules: { readonly required?: readonly string[]; readonly addresses?: readonly string[] },
): void {
  requireFields(data, fields, rules);
  refuseUnknown(data, fields);
}

function requireFields(
  data: JsonObject,
  fields: readonly string[],
  { required = [], addresses = [] }: { required?: readonly string[]; addresses?: readonly string[] },
): void {
  for (const field of fields) {
    const text = textIn(field, fieldOf(data, field));
    if (required.includes(field)) requireGiven(field, text);
    if (addresses.includes(field)) requireText(field, text, plainRule(maxAddress));
  }
}

function requireLdap(data: JsonObject): void {
  requireFields(data, ['bind_password', 'tls_ca_cert'], {});
  if (fieldOf(data, 'bind_password') === undefined && fieldOf(data, 'tls_ca_cert') !== undefined) {
    requireGiven(
      "The 'bind_password' field must be specified when the 'tls_ca_cert' field is provided.",
      undefined,
    );
  }
  refuseUnknown(data, ['bind_password', 'tls_ca_cert']);
}

const oidcFields = [
  'provider_uri',
  'id_token_user_property',
  'client_id',
  'client_secret',
  'redirect_uri',
  'claim_mapping',
  'name',
  'ca_cert',
  'token_ttl',
  'provider_scope',
  'audience',
  'issuer',
];
/** By ID token. */
const oidcStandard = ['id_token_user_property'];
/** By authorization code. */
const oidcCode = ['client_id', 'client_secret', 'redirect_uri', 'claim_mapping'];

function requireOidc(data: JsonObject): void {
  requireFields(data, oidcFields, {
    required: ['provider_uri'],
    addresses: ['provider_uri', 'id_token_user_property'],
  });
  const given = (field: string): boolean => isGiven(data, field);
  const standard = oidcStandard.every(given);
  const code = oidcCode.every(given);
  const mixed = standard && oidcCode.some(given);
  if (standard === code || mixed) {
    throw invalidField(
      `The data object must contain either ${listed(oidcStandard)} or ${listed(oidcCode)} keys.`,
    );
  }
  refuseUnknown(data, oidcFields);
}

function listed(names: readonly string[]): string {
  return `[${names.map((name) => `"${name}"`).join(', ')}]`;
}

const jwtFields = ['ca_cert', 'audience', 'jwks_uri', 'public_keys', 'issuer', 'identity'];

function requireJwt(data: JsonObject): void {
  textIn('ca_cert', fieldOf(data, 'ca_cert'));
  requireText('audience', textIn('audience', fieldOf(data, 'audience')), plainRule(maxText));
  const jwksUri = textIn('jwks_uri', fieldOf(data, 'jwks_uri'));
  requireText('jwks_uri', jwksUri, plainRule(maxAddress));
  const publicKeys = objectIn('public_keys', fieldOf(data, 'public_keys'));
  if (JSON.stringify(publicKeys ?? {}).length > maxPublicKeys) throw tooLong('public_keys', maxPublicKeys);
  const issuer = textIn('issuer', fieldOf(data, 'issuer'));
  requireText('issuer', issuer, plainRule(maxAddress));
  const identity = objectIn('identity', fieldOf(data, 'identity'));
  if (identity !== undefined) requireIdentity(identity);
  if (jwksUri === undefined && publicKeys === undefined) {
    throw invalidField("In the 'data' object, either a 'jwks_uri' or 'public_keys' field must be specified.");
  }
  if (jwksUri !== undefined && publicKeys !== undefined) {
    throw invalidField("In the 'data' object, you cannot specify jwks_uri and public_keys fields.");
  }
  if (publicKeys !== undefined && issuer === undefined) {
    throw invalidField(
      "In the 'data' object, when the 'public_keys' field is specified, the 'issuer' field must also be specified.",
    );
  }
  if (identity !== undefined) requireIdentityRule(identity);
  refuseUnknown(data, jwtFields);
}

const identityFields = ['claim_aliases', 'enforced_claims', 'identity_path', 'token_app_property'];

function requireIdentity(identity: JsonObject): void {
  requireAliases(objectIn('claim_aliases', fieldOf(identity, 'claim_aliases')));
  const claims = listIn('enforced_claims', fieldOf(identity, 'enforced_claims'));
  if (claims?.some((claim) => typeof claim !== 'string') === true) {
    throw invalidField("Invalid 'enforced_claims' parameter. Must be an array of strings.");
  }
  textIn('identity_path', fieldOf(identity, 'identity_path'));
  const property = textIn('token_app_property', fieldOf(identity, 'token_app_property'));
  requireText('token_app_property', property, plainRule(maxText));
  refuseUnknown(identity, identityFields);
}

function requireIdentityRule(identity: JsonObject): void {
  const path = fieldOf(identity, 'identity_path');
  if (path === undefined || fieldOf(identity, 'token_app_property') !== undefined) return;
  throw invalidField(
    "In the identity object, when the 'identity_path' field is specified, the 'token_app_property' field must also be specified.",
  );
}

const reservedClaims = ['iss', 'exp', 'nbf', 'iat', 'aud', 'jti'];

function requireAliases(aliases: JsonObject | undefined): void {
  for (const [alias, claim] of Object.entries(aliases ?? {})) {
    const about = `Invalid target alias '${alias}' in 'claim_aliases'.`;
    if (!/^[A-Za-z0-9_-]+$/.test(alias)) {
      throw invalidField(`${about} Must be an alphanumeric string with underscores or dashes.`);
    }
    if (reservedClaims.includes(alias)) {
      throw invalidField(`${about} Cannot use reserved claims: ${reservedClaims.join(', ')}.`);
    }
    if (typeof claim === 'string' && /^[A-Za-z0-9_-]+(?:\/[A-Za-z0-9_-]+)*$/.test(claim)) continue;
    const shown = typeof claim === 'string' ? claim : JSON.stringify(claim);
    throw new LatchkeyError('FIELD_INVALID', {
      detail: `Invalid source claim '${shown}' in 'claim_aliases'. Must be a valid claim name or a nested path.`,
    });
  }
}
