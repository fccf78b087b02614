import { isFailure, LatchkeyError } from '../../domain/errors.ts';
import { parseJson } from '../../parse-json.ts';
import { readAddress, shownAddress, type AddressRules } from '../outbound/address.ts';
import { maxKeys, readKeySet, reasonsOf, type KeySet, type PublishedKeys } from './key-set.ts';
import type { Outbound } from '../outbound/outbound.ts';

/**
 * Reads the address of a key set.
 * @throws LatchkeyError `ISSUER_NOT_ALLOWED`: not an address that may be called, or one without TLS beside
 *   certificates that could then vouch for nothing
 */
export function readJwksUri(text: string, caCert: string | undefined, rules: AddressRules): URL {
  const url = readAddress(text, 'The address of the keys (jwks-uri)', rules);
  if (caCert === undefined || url.protocol === 'https:') return url;
  throw new LatchkeyError('ISSUER_NOT_ALLOWED', {
    detail: 'TLS misconfiguration: ca-cert is defined, but the address of the keys (jwks-uri) is plain http',
  });
}

/**
 * Fetches a key set from its address.
 * @param url already checked
 * @throws LatchkeyError `JWKS_REFUSED`: a status that is not 200; `JWKS_INVALID`: not JSON, too many keys, or
 *   none that can be used; `JWKS_MISSING`: no `keys`
 * @throws LatchkeyError `ISSUER_NOT_ALLOWED`, `ISSUER_TIMEOUT`, `ISSUER_UNREACHABLE`, `ISSUER_INVALID`
 * @see RFC 7517 section 5
 */
export async function fetchJwks(url: URL, outbound: Outbound, signal: AbortSignal): Promise<PublishedKeys> {
  const refused = (status: number): LatchkeyError =>
    new LatchkeyError('JWKS_REFUSED', {
      detail: `Failed to fetch JWKS data from '${shownAddress(url.href)}' with error: status ${status}`,
    });
  const value = parseJson((await outbound.get(url, signal, refused)).toString());
  if (value === undefined) throw unusable('is not JSON');
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, 'keys'))
    throw new LatchkeyError('JWKS_MISSING');
  const set = readKeySet(value);
  if (set === undefined) throw unusable(`has no list of keys, or one of more than ${maxKeys}`);
  if (set.keys.length === 0) throw unusable(noneUsable(set));
  return set;
}

const sets = new WeakMap<object, PublishedKeys>();

/**
 * The usable keys of a set at hand. They are remembered with the very object.
 * @throws LatchkeyError `JWT_PUBLIC_KEYS_INVALID`: there are none
 */
export function keysAtHand(jwks: object): PublishedKeys {
  const known = sets.get(jwks);
  if (known !== undefined) return known;
  const set = readKeySet(jwks);
  if (set === undefined || set.keys.length === 0) {
    const fault = set === undefined ? `has no list of keys, or one of more than ${maxKeys}` : noneUsable(set);
    throw new LatchkeyError('JWT_PUBLIC_KEYS_INVALID', {
      detail: `Failed to parse 'public-keys': Value ${fault}`,
    });
  }
  sets.set(jwks, set);
  return set;
}

/** A failure to get a key set in Conjur's words, which name its address. */
export function jwksFailure(uri: string, error: unknown): unknown {
  if (!isIssuerFailure(error)) return error;
  return new LatchkeyError('JWKS_UNREACHABLE', {
    detail: `Failed to fetch JWKS from '${shownAddress(uri)}'. Reason: '${error.message}'`,
    cause: error,
  });
}

/** A failure to discover an issuer in Conjur's words, which name its address. */
export function discoveryFailure(uri: string, error: unknown): unknown {
  if (!isIssuerFailure(error)) return error;
  return new LatchkeyError(error.code, {
    detail: `Failed to discover Identity Provider (Provider URI: '${shownAddress(uri)}'). Reason: '${error.message}'`,
    cause: error,
  });
}

function isIssuerFailure(error: unknown): error is LatchkeyError {
  return isFailure(
    error,
    'ISSUER_NOT_ALLOWED',
    'ISSUER_UNREACHABLE',
    'ISSUER_TIMEOUT',
    'ISSUER_INVALID',
    'ISSUER_KEYS_UNAVAILABLE',
  );
}

function noneUsable(set: KeySet): string {
  const reasons = reasonsOf(set);
  return `has ${set.skipped.length} keys, none of which can be used${reasons && `: ${reasons}`}`;
}

function unusable(fault: string): LatchkeyError {
  return new LatchkeyError('JWKS_INVALID', {
    detail: `Failed to convert HTTP response to JWKS type. Reason: 'the response ${fault}'`,
  });
}
