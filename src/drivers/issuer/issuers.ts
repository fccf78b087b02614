import { LRUCache } from 'lru-cache';
import { LatchkeyError } from '../../domain/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { IssuerSettings } from '../../ports/id-token-verifier.ts';
import { readAddress, shownAddress, type AddressRules } from '../outbound/address.ts';
import { Calls, type CallLimits } from '../outbound/calls.ts';
import { discoverIssuer, type DiscoveredIssuer } from './discovery.ts';
import { IssuerEntry, type RefreshTiming } from './entry.ts';
import { fetchJwks, readJwksUri } from './jwks.ts';
import type { PublishedKeys } from './key-set.ts';
import { openOutbound, type Outbound, type OutboundLimits } from '../outbound/outbound.ts';
import { readCertificates } from '../outbound/pem.ts';

/** How issuers are called, and for how long what they said is remembered. */
export interface IssuersOptions extends AddressRules, RefreshTiming, CallLimits, OutboundLimits {
  readonly clock: Clock;
  /** A number from 0 up to, not including, 1; spreads retries. */
  readonly random: () => number;
  /** The number of issuers that are remembered, the least recently used goes first. */
  readonly maxIssuers: number;
  /** Told of each fetch that fails, also where the keys at hand go on serving. */
  readonly onFetchFailure: (uri: string, failure: LatchkeyError) => void;
}

const defaults: Omit<IssuersOptions, 'clock'> = {
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
  maxIssuers: 1_000,
  maxConcurrentFetches: 32,
  onFetchFailure: () => undefined,
};

/** Options of {@link Issuers} that a caller need not give. */
export type IssuersGiven = Partial<IssuersOptions> & Pick<IssuersOptions, 'clock'>;

type Place = Pick<IssuerSettings, 'providerUri' | 'caCert' | 'issuers'>;

/** What is remembered of the issuers, and the calls to them: shared by all that deal with them. */
export class Issuers {
  readonly #options: IssuersOptions;
  readonly #entries: LRUCache<string, IssuerEntry<DiscoveredIssuer>>;
  readonly #keySets: LRUCache<string, IssuerEntry<PublishedKeys>>;
  readonly #calls: Calls;
  /** Apart from the fetches: anybody can present codes, one call each, and an issuer may be slow to refuse them. */
  readonly #exchanges: Calls;

  constructor(given: IssuersGiven) {
    this.#options = { ...defaults, ...given };
    const { maxConcurrentFetches } = this.#options;
    // One place may have many issuers, realms for instance, all of which hang when it does.
    this.#calls = new Calls({ maxConcurrentPerPlace: Math.ceil(maxConcurrentFetches / 4), ...this.#options });
    this.#exchanges = new Calls({
      maxConcurrentPerPlace: Math.ceil(maxConcurrentFetches / 2),
      ...this.#options,
    });
    this.#entries = new LRUCache({ max: this.#options.maxIssuers });
    this.#keySets = new LRUCache({ max: this.#options.maxIssuers });
  }

  /** @throws LatchkeyError `ISSUER_NOT_ALLOWED`, `SERVICE_VARIABLE_INVALID` */
  entryOf({ providerUri, caCert, issuers }: Place): IssuerEntry<DiscoveredIssuer> {
    const key = JSON.stringify([providerUri, issuers, caCert === undefined]) + (caCert ?? '');
    const known = this.#entries.get(key);
    if (known !== undefined) return known;
    const entry = this.#openEntry({
      providerUri,
      ...(caCert === undefined ? {} : { caCert }),
      ...(issuers === undefined ? {} : { issuers }),
    });
    this.#entries.set(key, entry);
    return entry;
  }

  /**
   * What is remembered of a key set by its address.
   * @throws LatchkeyError `ISSUER_NOT_ALLOWED`, `SERVICE_VARIABLE_INVALID`
   */
  keySetAt(uri: string, caCert: string | undefined): IssuerEntry<PublishedKeys> {
    const key = JSON.stringify([uri, caCert === undefined]) + (caCert ?? '');
    const known = this.#keySets.get(key);
    if (known !== undefined) return known;
    const address = readJwksUri(uri, caCert, this.#options);
    const entry = this.#entryBy(uri, address, caCert, (outbound, signal) =>
      fetchJwks(address, outbound, signal),
    );
    this.#keySets.set(key, entry);
    return entry;
  }

  /**
   * Calls an issuer with what somebody presented, within limits of its own, on connections that end
   * with the call.
   * @param place at most half of the calls that run at once go to one
   * @throws LatchkeyError `ISSUER_TIMEOUT`, `ISSUER_UNREACHABLE`, `OVERLOADED`, and those of the call
   */
  async exchange<Result>(
    place: string,
    caCert: string | undefined,
    call: (outbound: Outbound, signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    return this.#callBy(this.#exchanges, place, caCert, call);
  }

  async #callBy<Result>(
    calls: Calls,
    place: string,
    caCert: string | undefined,
    call: (outbound: Outbound, signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    const certificates = caCert === undefined ? undefined : readCertificates(caCert);
    const inTurn = async (signal: AbortSignal): Promise<Result> => {
      const outbound = openOutbound(certificates, this.#options);
      try {
        return await call(outbound, signal);
      } finally {
        await outbound.close();
      }
    };
    return calls.run(inTurn, place);
  }

  /** An address that an issuer stated. @throws LatchkeyError `ISSUER_NOT_ALLOWED` */
  readAddress(text: string, subject: string): URL {
    return readAddress(text, subject, this.#options);
  }

  /** Forgets everything, and ends every call. */
  async close(): Promise<void> {
    this.#entries.clear();
    this.#keySets.clear();
    await Promise.all([this.#calls.close(), this.#exchanges.close()]);
  }

  #openEntry({ providerUri, caCert, issuers }: Place): IssuerEntry<DiscoveredIssuer> {
    const address = readProviderUri(providerUri, this.#options);
    return this.#entryBy(providerUri, address, caCert, (outbound, signal) =>
      discoverIssuer(address, issuers, this.#options, outbound, signal),
    );
  }

  #entryBy<Known extends PublishedKeys>(
    uri: string,
    { origin }: URL,
    caCert: string | undefined,
    fetch: (outbound: Outbound, signal: AbortSignal) => Promise<Known>,
  ): IssuerEntry<Known> {
    const { clock, random, onFetchFailure } = this.#options;
    // Read here as well, so that a bundle that cannot be read is not taken for an outage.
    if (caCert !== undefined) readCertificates(caCert);
    const services = {
      clock,
      random,
      fetch: () => this.#callBy(this.#calls, origin, caCert, fetch),
      onFailure: (failure: LatchkeyError) => {
        onFetchFailure(shownAddress(uri), failure);
      },
    };
    return new IssuerEntry<Known>(services, this.#options);
  }
}

function readProviderUri(providerUri: string, rules: AddressRules): URL {
  const url = readAddress(providerUri, 'The address of the issuer (provider-uri)', rules);
  if (url.search === '' && url.hash === '') return url;
  throw new LatchkeyError('ISSUER_NOT_ALLOWED', {
    detail: 'The address of the issuer (provider-uri) has a query or a fragment',
  });
}
