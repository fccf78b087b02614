/**
 * The addresses of host names. The system's resolver knows what this machine knows (`/etc/hosts`, search
 * domains), but it takes a thread of the pool for as long as a name server is silent, and there are two of those for
 * all names. So it is asked about one name at a time, and about none twice at once, which leaves a thread to the
 * rest of the process; and where it is late, name servers are asked without it, which takes no thread.
 */
import { lookup, type LookupAddress, type LookupAllOptions } from 'node:dns';
import { Resolver } from 'node:dns/promises';

type Callback = (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void;

/** As `dns.lookup` is with `all`. */
export type Resolve = (hostname: string, options: LookupAllOptions, callback: Callback) => void;

export interface HostNamesOptions {
  /** The system's resolver. */
  readonly system: Resolve;
  /** What is asked besides, as `dns.setServers` takes them; by default what the system is set to. */
  readonly servers?: readonly string[];
  /** After so long the system is late. */
  readonly lateAfterMs: number;
}

const queryTimeoutMs = 1_000;
const queryTries = 2;

interface Asked {
  readonly since: number;
  readonly addresses: Promise<LookupAddress[]>;
}

export class HostNames {
  readonly #options: HostNamesOptions;
  /** What the system is asked, or about to be. */
  readonly #asked = new Map<string, Asked>();
  /** Settles when the system has answered everything. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: Partial<HostNamesOptions> = {}) {
    this.#options = { system: lookup, lateAfterMs: 500, ...options };
  }

  /** As `dns.lookup` is with `all`. */
  readonly resolve: Resolve = (hostname, options, callback) => {
    this.#addressesOf(hostname, options).then(
      (addresses) => {
        callback(null, addresses);
      },
      (error: unknown) => {
        callback(error as NodeJS.ErrnoException, []);
      },
    );
  };

  #addressesOf(hostname: string, options: LookupAllOptions): Promise<LookupAddress[]> {
    const { since, addresses } = this.#askSystem(hostname, options);
    const leftMs = Math.max(0, since + this.#options.lateAfterMs - performance.now());
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        void this.#askServers(hostname, options).then((found) => {
          if (found.length > 0) resolve(found);
        });
      }, leftMs).unref();
      addresses.then(resolve, reject).finally(() => {
        clearTimeout(timer);
      });
    });
  }

  #askSystem(hostname: string, options: LookupAllOptions): Asked {
    const key = [hostname.toLowerCase(), options.family, options.hints].join(' ');
    const underWay = this.#asked.get(key);
    if (underWay !== undefined) return underWay;
    const addresses = this.#turn.then(
      () =>
        new Promise<LookupAddress[]>((resolve, reject) => {
          this.#options.system(hostname, options, (error, found) => {
            this.#asked.delete(key);
            if (error === null) resolve(found);
            else reject(error);
          });
        }),
    );
    this.#turn = addresses.catch(() => undefined);
    const asked = { since: performance.now(), addresses };
    this.#asked.set(key, asked);
    return asked;
  }

  /** Nothing where there is nothing, or no answer. */
  async #askServers(hostname: string, { family = 0 }: LookupAllOptions): Promise<LookupAddress[]> {
    const wanted = ([4, 6] as const).filter((each) => [0, each, `IPv${each}`].includes(family));
    // RFC 6761 section 6.3: it is not for name servers.
    if (hostname === 'localhost')
      return wanted.map((each) => ({ address: each === 4 ? '127.0.0.1' : '::1', family: each }));
    const resolver = new Resolver({ timeout: queryTimeoutMs, tries: queryTries });
    if (this.#options.servers !== undefined) resolver.setServers(this.#options.servers);
    const found = await Promise.allSettled(
      wanted.map(async (each) => {
        const addresses = each === 4 ? await resolver.resolve4(hostname) : await resolver.resolve6(hostname);
        return addresses.map((address) => ({ address, family: each }));
      }),
    );
    return found.flatMap((each) => (each.status === 'fulfilled' ? each.value : []));
  }
}

/** Those of the process: its threads are what they spare. */
export const hostNames = new HostNames();
