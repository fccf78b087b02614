import { LatchkeyError } from '../../domain/errors.ts';
import type {
  Claims,
  IdTokenVerifier,
  IssuerSettings,
  JwtKeys,
  JwtSettings,
} from '../../ports/id-token-verifier.ts';
import { checkExpiry, checkJwtClaims, checkParties, checkTimes } from './claims.ts';
import { jwtTypes, readCompact, type UnverifiedToken } from './compact.ts';
import type { DiscoveredIssuer } from './discovery.ts';
import type { IssuerEntry } from './entry.ts';
import { Issuers, type IssuersGiven, type IssuersOptions } from './issuers.ts';
import { discoveryFailure, jwksFailure, keysAtHand } from './jwks.ts';
import type { PublishedKeys } from './key-set.ts';
import { signatureFault } from './signature.ts';

type FetchedKeys = Exclude<JwtKeys, { readonly from: 'public-keys' }>;

/** How tokens are judged. */
export interface TokenLimits {
  /** By how much an issuer's clock may differ from ours: for ID tokens, and for other JWTs. */
  readonly leewaySeconds: number;
  readonly jwtLeewaySeconds: number;
  /** The longest token that is read. */
  readonly maxTokenBytes: number;
}

/** How issuers are called and how their tokens are judged. */
export type IssuerVerifierOptions = IssuersOptions & TokenLimits;

const defaultLimits: TokenLimits = {
  leewaySeconds: 60,
  jwtLeewaySeconds: 5,
  maxTokenBytes: 16 * 1_024,
};

/**
 * Opens a verifier of tokens that discovers issuers by OpenID Connect Discovery, or fetches their key
 * sets, and remembers the keys, by default: fetched anew in the background after 10 minutes, serving through an
 * outage for up to 24 hours, fetched at once (at most every 30 s) for a token under an unknown
 * key. A token that is malformed or expired never causes a call.
 *
 * @param issuers what is remembered of the issuers; by default the verifier's own
 */
export function openIssuerVerifier(
  options: IssuersGiven & Partial<TokenLimits>,
  issuers: Issuers = new Issuers(options),
): IdTokenVerifier {
  return new IssuerVerifier({ ...defaultLimits, ...options }, issuers);
}

class IssuerVerifier implements IdTokenVerifier {
  readonly #options: TokenLimits & Pick<IssuersOptions, 'clock'>;
  readonly #issuers: Issuers;

  constructor(options: TokenLimits & Pick<IssuersOptions, 'clock'>, issuers: Issuers) {
    this.#options = options;
    this.#issuers = issuers;
  }

  async verify(token: string, settings: IssuerSettings): Promise<Claims> {
    const { clock, leewaySeconds, maxTokenBytes } = this.#options;
    const unverified = readCompact(token, maxTokenBytes);
    checkTimes(unverified.claims, clock.now(), leewaySeconds);
    const entry = this.#issuers.entryOf(settings);
    const known = await entry.current();
    let fault = judge(unverified, known, settings);
    if (fault === undefined) return unverified.claims;
    for await (const newer of entry.newerThan(known)) {
      fault = judge(unverified, newer, settings);
      if (fault === undefined) return unverified.claims;
    }
    throw fault;
  }

  async check(settings: IssuerSettings): Promise<void> {
    await this.#issuers.entryOf(settings).check();
  }

  async verifyJwt(token: string, settings: JwtSettings): Promise<Claims> {
    const { clock, jwtLeewaySeconds, maxTokenBytes } = this.#options;
    const unverified = readCompact(token, maxTokenBytes, jwtTypes);
    const { claims, algorithm } = unverified;
    checkExpiry(claims, clock.now(), jwtLeewaySeconds);
    if (!settings.algorithms.includes(algorithm)) throw new LatchkeyError('ID_TOKEN_ALGORITHM_REFUSED');
    await this.#requireSignature(unverified, settings);
    checkJwtClaims(claims, settings, clock.now(), jwtLeewaySeconds);
    return claims;
  }

  async checkJwtKeys(keys: JwtKeys, issuer: string): Promise<void> {
    if (keys.from === 'public-keys') {
      keysAtHand(keys.jwks);
      return;
    }
    try {
      await this.#entryOf(keys, issuer).check();
    } catch (error) {
      throw failureOf(keys, error);
    }
  }

  async close(): Promise<void> {
    await this.#issuers.close();
  }

  async #requireSignature(token: UnverifiedToken, { keys, issuer }: JwtSettings): Promise<void> {
    if (keys.from === 'public-keys') {
      const fault = signatureFault(token, keysAtHand(keys.jwks).keys);
      if (fault !== undefined) throw fault;
      return;
    }
    let entry: IssuerEntry<PublishedKeys>;
    let known: PublishedKeys;
    try {
      entry = this.#entryOf(keys, issuer);
      known = await entry.current();
    } catch (error) {
      throw failureOf(keys, error);
    }
    let fault = signatureFault(token, known.keys);
    if (fault === undefined) return;
    for await (const newer of entry.newerThan(known)) {
      fault = signatureFault(token, newer.keys);
      if (fault === undefined) return;
    }
    throw fault;
  }

  #entryOf({ from, uri, caCert }: FetchedKeys, issuer: string): IssuerEntry<PublishedKeys> {
    if (from === 'jwks-uri') return this.#issuers.keySetAt(uri, caCert);
    const settings = { providerUri: uri, issuers: [issuer] };
    return this.#issuers.entryOf(caCert === undefined ? settings : { ...settings, caCert });
  }
}

/**
 * Judges a token by the state of its issuer. The signature comes last: it costs most.
 * @returns the fault that newer keys might mend, undefined where there is none
 * @throws LatchkeyError for what no key can mend
 */
function judge(
  token: UnverifiedToken,
  { issuer, keys }: DiscoveredIssuer,
  { issuers, audiences }: IssuerSettings,
): LatchkeyError | undefined {
  checkParties(token.claims, issuers ?? [issuer], audiences);
  return signatureFault(token, keys);
}

function failureOf({ from, uri }: FetchedKeys, error: unknown): unknown {
  return from === 'jwks-uri' ? jwksFailure(uri, error) : discoveryFailure(uri, error);
}
