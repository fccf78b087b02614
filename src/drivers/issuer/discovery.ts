import { customFetch, discovery, None, type ServerMetadata } from 'openid-client';
import { isFailure, LatchkeyError } from '../../domain/errors.ts';
import { parseJson } from '../../parse-json.ts';
import { readAddress, type AddressRules } from '../outbound/address.ts';
import { maxKeys, readKeySet, reasonsOf, type PublishedKeys, type VerificationKey } from './key-set.ts';
import type { Outbound } from '../outbound/outbound.ts';

/** What an issuer says about itself. */
export interface DiscoveredIssuer extends PublishedKeys {
  /** The issuer's name for itself, which its tokens carry as `iss`. */
  readonly issuer: string;
  /** The rest of what it states, as it came: addresses in it have not been judged. */
  readonly metadata: ServerMetadata;
}

const wellKnownPath = '.well-known/openid-configuration';

/**
 * Fetches the metadata of an issuer, then its keys.
 *
 * @param providerUri the configured address, already checked
 * @param issuers names under which the issuer may go besides its address
 * @throws LatchkeyError `ISSUER_NOT_ALLOWED`, `ISSUER_UNREACHABLE`, `ISSUER_TIMEOUT`, `ISSUER_INVALID`,
 *   `ISSUER_KEYS_UNAVAILABLE`
 * @see OpenID Connect Discovery 1.0 section 4
 */
export async function discoverIssuer(
  providerUri: URL,
  issuers: readonly string[] | undefined,
  rules: AddressRules,
  outbound: Outbound,
  signal: AbortSignal,
): Promise<DiscoveredIssuer> {
  const metadata = await fetchMetadata(providerUri, outbound, signal);
  checkIssuer(metadata.issuer, providerUri, issuers);
  const jwksUri = readJwksUri(metadata.jwks_uri, providerUri, rules);
  return { issuer: metadata.issuer, keys: await fetchKeys(jwksUri, outbound, signal), metadata };
}

async function fetchMetadata(
  providerUri: URL,
  outbound: Outbound,
  signal: AbortSignal,
): Promise<ServerMetadata> {
  const address = new URL(`${withoutTrailingSlash(providerUri.href)}/${wellKnownPath}`);
  // The library insists on https. The address has been held to rules of our own, and our own fetch
  // goes to it, so the library may see it as it would be with https.
  const nominal = new URL(address);
  nominal.protocol = 'https:';
  try {
    const configuration = await discovery(nominal, 'latchkey', undefined, None(), {
      [customFetch]: async () => new Response(new Uint8Array(await outbound.get(address, signal))),
    });
    return configuration.serverMetadata();
  } catch (error) {
    throw failureWithin(error) ?? invalid('The metadata of the issuer cannot be read', error);
  }
}

/** Our own failure, which the library has wrapped into its. */
function failureWithin(error: unknown): LatchkeyError | undefined {
  if (isFailure(error)) return error;
  return error instanceof Error ? failureWithin(error.cause) : undefined;
}

/** Discovery 1.0 section 4.3: the issuer must go by the name under which it was asked. */
function checkIssuer(stated: string, providerUri: URL, issuers: readonly string[] | undefined): void {
  if (issuers?.includes(stated) === true) return;
  if (
    URL.canParse(stated) &&
    withoutTrailingSlash(new URL(stated).href) === withoutTrailingSlash(providerUri.href)
  )
    return;
  throw invalid('The issuer states another name than its configured address');
}

function readJwksUri(jwksUri: unknown, providerUri: URL, rules: AddressRules): URL {
  if (typeof jwksUri !== 'string') throw invalid('The metadata of the issuer names no address of its keys');
  const url = readAddress(jwksUri, 'The address of the keys (jwks_uri)', rules);
  if (providerUri.protocol === 'https:' && url.protocol !== 'https:') {
    throw new LatchkeyError('ISSUER_NOT_ALLOWED', {
      detail: 'The address of the keys (jwks_uri) gives up https',
    });
  }
  return url;
}

async function fetchKeys(
  jwksUri: URL,
  outbound: Outbound,
  signal: AbortSignal,
): Promise<readonly VerificationKey[]> {
  const set = readKeySet(parseJson((await getKeys(jwksUri, outbound, signal)).toString()));
  if (set === undefined)
    throw noKeys(`The issuer answered with no key set, or with one of more than ${maxKeys} keys`);
  if (set.keys.length > 0) return set.keys;
  const reasons = reasonsOf(set);
  throw noKeys(
    `None of the ${set.skipped.length} keys of the issuer can be used${reasons && `: ${reasons}`}`,
  );
}

async function getKeys(jwksUri: URL, outbound: Outbound, signal: AbortSignal): Promise<Buffer> {
  try {
    return await outbound.get(jwksUri, signal);
  } catch (error) {
    if (!isFailure(error, 'ISSUER_UNREACHABLE', 'ISSUER_INVALID')) throw error;
    throw noKeys(`The keys of the issuer could not be fetched: ${error.message}`, error);
  }
}

function withoutTrailingSlash(address: string): string {
  return address.endsWith('/') ? address.slice(0, -1) : address;
}

function invalid(detail: string, cause?: unknown): LatchkeyError {
  return new LatchkeyError('ISSUER_INVALID', { detail, cause });
}

function noKeys(detail: string, cause?: unknown): LatchkeyError {
  return new LatchkeyError('ISSUER_KEYS_UNAVAILABLE', { detail, cause });
}
