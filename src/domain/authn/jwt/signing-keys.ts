/** Where a service's signing keys come from: exactly one of three variables. */
import type { JwtKeys } from '../../../ports/id-token-verifier.ts';
import { conjunction } from '../../conjunction.ts';
import { LatchkeyError } from '../../errors.ts';
import { parseJson } from '../../../parse-json.ts';
import { brief } from './claim-names.ts';

/** The variables that say whose tokens a service takes. */
export const signingKeyVariables = ['jwks-uri', 'public-keys', 'provider-uri', 'ca-cert', 'issuer'] as const;
export type SigningKeyVariable = (typeof signingKeyVariables)[number];

const sources = ['jwks-uri', 'public-keys', 'provider-uri'] as const;
const publicKeysTypes = ['jwks'];

/**
 * Reads them by Conjur's rules of what goes with what. A value of blanks counts as one.
 * @throws LatchkeyError `JWT_SIGNING_KEY_SETTINGS`: none or several sources; `ca-cert` without an address;
 *   `public-keys` without `issuer`
 * @throws LatchkeyError `JWT_PUBLIC_KEYS_INVALID`
 */
export function signingKeysOf(values: ReadonlyMap<SigningKeyVariable, string>): JwtKeys {
  const given = sources.filter((name) => values.has(name));
  const [source] = given;
  if (source === undefined)
    throw faulty('One of the following must be defined: jwks-uri, public-keys, or provider-uri');
  if (given.length === 3)
    throw faulty('jwks-uri, public-keys, and provider-uri cannot be defined simultaneously');
  if (given.length === 2) throw faulty(`${given.join(' and ')} cannot be defined simultaneously`);
  const value = values.get(source) ?? '';
  const caCert = values.get('ca-cert');
  if (source !== 'public-keys') {
    return { from: source, uri: value.trim(), ...(caCert === undefined ? {} : { caCert }) };
  }
  if (caCert !== undefined)
    throw faulty('ca-cert can only be defined together with jwks-uri or provider-uri');
  if (!values.has('issuer')) throw faulty('issuer is mandatory when public-keys is defined');
  return { from: 'public-keys', jwks: parsePublicKeys(value) };
}

/**
 * What `iss` must be: the variable `issuer`, else the provider's address, else the host name in the
 * address of the keys.
 * @see Conjur: authn-jwt, the order of the issuer's sources
 */
export function issuerOf(keys: JwtKeys, values: ReadonlyMap<SigningKeyVariable, string>): string {
  const issuer = values.get('issuer');
  if (issuer !== undefined) return issuer;
  if (keys.from === 'provider-uri') return keys.uri;
  // An address that is none fails when the keys are fetched, before anything is compared.
  if (keys.from === 'public-keys' || !URL.canParse(keys.uri)) return '';
  return new URL(keys.uri).hostname.replace(/^\[|\]$/g, '');
}

function parsePublicKeys(text: string): object {
  const value = parseJson(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw unparsed('Value not in valid JSON format');
  const { type, value: jwks } = value as { readonly type?: unknown; readonly value?: unknown };
  const complaints: string[] = [];
  if (isBlank(type)) complaints.push("Type can't be blank");
  if (isBlank(jwks)) complaints.push("Value can't be blank");
  if (typeof type !== 'string' || !publicKeysTypes.includes(type)) {
    const shown = typeof type === 'string' ? brief(type) : '';
    complaints.push(
      `Type '${shown}' is not a valid public-keys type. Valid types are: ${publicKeysTypes.join(',')}`,
    );
  } else if (!isKeySet(jwks)) {
    complaints.push('Value is not a valid JWKS (RFC7517)');
  }
  if (complaints.length > 0 || typeof jwks !== 'object' || jwks === null)
    throw unparsed(conjunction(complaints));
  return jwks;
}

function isKeySet(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || !('keys' in value)) return false;
  return Array.isArray(value.keys) && value.keys.length > 0;
}

function isBlank(value: unknown): boolean {
  if (value === undefined || value === null || value === false) return true;
  if (typeof value === 'string') return value.trim() === '';
  return typeof value === 'object' && Object.keys(value).length === 0;
}

function faulty(fault: string): LatchkeyError {
  return new LatchkeyError('JWT_SIGNING_KEY_SETTINGS', { detail: `Invalid signing key settings: ${fault}` });
}

function unparsed(fault: string): LatchkeyError {
  return new LatchkeyError('JWT_PUBLIC_KEYS_INVALID', { detail: `Failed to parse 'public-keys': ${fault}` });
}
