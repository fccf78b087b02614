import { LRUCache } from 'lru-cache';
import { LatchkeyError } from '../../domain/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Claims, IdTokenVerifier, IssuerSettings } from '../../ports/id-token-verifier.ts';
import { readAddress, type AddressRules } from './address.ts';
import { signatureIsValid } from './algorithms.ts';
import { Calls, type CallLimits } from './calls.ts';
import { checkParties, checkTimes } from './claims.ts';
import { readCompact, type UnverifiedToken } from './compact.ts';
import { discoverIssuer, type DiscoveredIssuer } from './discovery.ts';
import { IssuerEntry, type EntryServices, type RefreshTiming } from './entry.ts';
import type { VerificationKey } from './key-set.ts';
import { openOutbound, type OutboundLimits } from './outbound.ts';
import { readCertificates } from './pem.ts';

/** How issuers are called and how their tokens are judged. */
export interface IssuerVerifierOptions extends AddressRules, RefreshTiming, CallLimits, OutboundLimits {
  readonly clock: Clock;
  /** A number from 0 up to, not including, 1; spreads retries. */
  readonly random: () => number;
  /** By how much an issuer's clock may differ from ours. */
  readonly leewaySeconds: number;
  /** The longest token that is read. */
  readonly maxTokenBytes: number;
  /** The number of issuers that are remembered, the least recently used goes first. */
  readonly maxIssuers: number;
  /** Told of each fetch that fails, also where the keys at hand go on serving. */
  readonly onFetchFailure: (providerUri: string, failure: LatchkeyError) => void;
}

const defaults: Omit<IssuerVerifierOptions, 'clock'> = {
  random: Math.random,
  allowInsecureIssuers: false,
  softTtlSeconds: 10 * 60,
  hardTtlSeconds: 24 * 60 * 60,
  forcedRefreshCooldownSeconds: 30,
  forcedRefreshLimit: 10,
  forcedRefreshWindowSeconds: 300,
  failureTtlSeconds: 5,
  connectTimeoutMs: 3_000,
  totalTimeoutMs: 5_000,
  maxResponseBytes: 1_024 * 1_024,
  leewaySeconds: 60,
  maxTokenBytes: 16 * 1_024,
  maxIssuers: 1_000,
  maxConcurrentFetches: 32,
  onFetchFailure: () => undefined,
};

/**
 * Opens a verifier of ID tokens that discovers issuers by OpenID Connect Discovery and remembers
 * their keys, by default: fetched anew in the background after 10 minutes, serving through an
 * outage for up to 24 hours, fetched at once (at most every 30 s) for a token under an unknown
 * key. A token that is malformed or expired never causes a call.
 */
export function openIssuerVerifier(
  options: Partial<IssuerVerifierOptions> & Pick<IssuerVerifierOptions, 'clock'>,
): IdTokenVerifier {
  return new IssuerVerifier({ ...defaults, ...options });
}

class IssuerVerifier implements IdTokenVerifier {
  readonly #options: IssuerVerifierOptions;
  readonly #entries: LRUCache<string, IssuerEntry>;
  readonly #calls: Calls;

  constructor(options: IssuerVerifierOptions) {
    this.#options = options;
    this.#calls = new Calls(options);
    this.#entries = new LRUCache({ max: options.maxIssuers });
  }

  async verify(token: string, settings: IssuerSettings): Promise<Claims> {
    const { clock, leewaySeconds, maxTokenBytes } = this.#options;
    const unverified = readCompact(token, maxTokenBytes);
    checkTimes(unverified.claims, clock.now(), leewaySeconds);
    const entry = this.#entryOf(settings);
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
    await this.#entryOf(settings).check();
  }

  async close(): Promise<void> {
    this.#entries.clear();
    await this.#calls.close();
  }

  #entryOf({ providerUri, caCert, issuers }: IssuerSettings): IssuerEntry {
    const key = JSON.stringify([providerUri, issuers, caCert === undefined]) + (caCert ?? '');
    const known = this.#entries.get(key);
    if (known !== undefined) return known;
    const entry = this.#openEntry(providerUri, caCert, issuers);
    this.#entries.set(key, entry);
    return entry;
  }

  #openEntry(
    providerUri: string,
    caCert: string | undefined,
    issuers: readonly string[] | undefined,
  ): IssuerEntry {
    const options = this.#options;
    const address = readProviderUri(providerUri, options);
    const certificates = caCert === undefined ? undefined : readCertificates(caCert);
    const services: EntryServices = {
      clock: options.clock,
      random: options.random,
      fetch: () =>
        this.#calls.run(async (signal) => {
          const outbound = openOutbound(certificates, options);
          try {
            return await discoverIssuer(address, issuers, options, outbound, signal);
          } finally {
            await outbound.close();
          }
        }),
      onFailure: (failure) => {
        options.onFetchFailure(providerUri, failure);
      },
    };
    return new IssuerEntry(services, options);
  }
}

function readProviderUri(providerUri: string, rules: AddressRules): URL {
  const url = readAddress(providerUri, 'The address of the issuer (provider-uri)', rules);
  if (url.search === '' && url.hash === '') return url;
  throw new LatchkeyError('ISSUER_NOT_ALLOWED', {
    detail: 'The address of the issuer (provider-uri) has a query or a fragment',
  });
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
  const { algorithm, kid, signingInput, signature } = token;
  const candidates = keys.filter((key) => kid === undefined || key.kid === kid);
  const fitting = candidates.filter((key) => key.algorithms.includes(algorithm));
  if (fitting.length === 0 || (kid === undefined && fitting.length > 1))
    return keyFault(kid, candidates, fitting);
  const valid = fitting.some(({ key }) => signatureIsValid(algorithm, key, signingInput, signature));
  return valid ? undefined : new LatchkeyError('ID_TOKEN_SIGNATURE_INVALID');
}

function keyFault(
  kid: string | undefined,
  candidates: readonly VerificationKey[],
  fitting: readonly VerificationKey[],
): LatchkeyError {
  if (kid === undefined) {
    const detail = `The ID token names no key, and ${fitting.length} keys of the issuer fit its algorithm`;
    return new LatchkeyError('ID_TOKEN_KEY_UNKNOWN', { detail });
  }
  return new LatchkeyError(candidates.length === 0 ? 'ID_TOKEN_KEY_UNKNOWN' : 'ID_TOKEN_ALGORITHM_REFUSED');
}
