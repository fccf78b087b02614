/**
 * How often somebody may fail to prove who they are.
 *
 * Two kinds of proof are told apart. A password can be guessed, so after too many that were wrong none is
 * tried any more, the right one included, until the window is over. An API key, a token or the secret of a
 * client cannot: one that is right is never refused, whoever fails beside it, and counting those that are
 * wrong only tells clients to come back later. So nobody can keep a machine out by failing in its name, nor
 * a person from another address than his own; and a success by such a proof costs nothing here.
 *
 * Counters are those of the store, so all processes count together; what they found exceeded is
 * remembered in the process, in bounded memory, so that a flood is refused without asking the store.
 */
import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { isFailure, LatchkeyError } from '../errors.ts';
import { loginOf, roleOfLogin, type Account } from '../ids.ts';
import type { RequestContext } from '../request.ts';
import type { Clock } from '../../ports/clock.ts';
import type { EphemeralStore } from '../../ports/ephemeral-store.ts';
import { networkOf } from './network.ts';
import { isWrongProof } from './wrong-proof.ts';

export interface AttemptLimits {
  /** Of one role from one address; 0 switches all of these limits off. */
  readonly maxFailuresPerRoleAndAddress: number;
  /** Of one address, or network of 64 bits of IPv6. */
  readonly maxFailuresPerAddress: number;
  /** Of one user from all addresses. */
  readonly maxFailuresPerRole: number;
  /** How long failures count, and how long too many of them keep somebody out. */
  readonly failureWindowSeconds: number;
}

/** What an attempt is counted by. */
export type CountedBy = 'pair' | 'address' | 'role';

/** Who tries, as far as that is known before anything is proven. */
export interface Attempted {
  readonly request: RequestContext;
  readonly account: Account;
  /** The name as it was given, of a role, an authenticator or a client; kept as a hash. */
  readonly name: string;
}

/** What a proof in which a password may be tried goes through. Both throw `ATTEMPTS_EXCEEDED`. */
export interface PasswordGate {
  /** To be called before anything is looked up: whether anything may be tried from there at all. */
  admit(): Promise<void>;
  /** Runs a check of a password, unless there were too many wrong ones of the role. */
  tryPassword<T>(check: () => Promise<T>): Promise<T>;
}

const open: PasswordGate = { admit: async () => undefined, tryPassword: (check) => check() };

interface Counter {
  readonly by: CountedBy;
  readonly key: string;
  readonly most: number;
}

/** How much more may fail of what cannot be guessed: enough for a building full of misconfigured hosts. */
const tokenFactor = 10;
const maxRemembered = 50_000;
/** For so long an address is one that a user has signed in from. */
const knownForMs = 30 * 24 * 60 * 60 * 1_000;
const knownRenewedMs = 24 * 60 * 60 * 1_000;

/** Limits of failed attempts; see the head of this file. */
export class Attempts {
  readonly #ephemeral: EphemeralStore;
  readonly #clock: Clock;
  readonly #limits: AttemptLimits;
  readonly #windowMs: number;
  readonly #onRefused: (by: CountedBy) => void;
  /** By its key, until when a counter is exceeded. */
  readonly #exceeded = new LRUCache<string, number>({ max: maxRemembered });
  /** By the key of a role and an address, when it was last noted that it signed in from there. */
  readonly #known = new LRUCache<string, number>({ max: maxRemembered });

  /** @param onRefused is told of every attempt that is refused */
  constructor(
    services: { readonly ephemeral: EphemeralStore; readonly clock: Clock },
    limits: AttemptLimits,
    onRefused: (by: CountedBy) => void = () => undefined,
  ) {
    this.#ephemeral = services.ephemeral;
    this.#clock = services.clock;
    this.#limits = limits;
    this.#windowMs = limits.failureWindowSeconds * 1_000;
    this.#onRefused = onRefused;
  }

  /**
   * Runs a proof in which a password may be tried. After 10 that failed of a role from an address within
   * 5 minutes, or 100 from an address (the defaults), nothing is tried from there until the window is over;
   * after 100 of a user from all addresses no password of that user is, but an API key still is. The last
   * two limits do not hold for users at addresses that they have signed in from by password within
   * 30 days. Of IPv6 the network of 64 bits counts as the address, and all names of a
   * role count as one. Hosts have no passwords, so there is no limit of one host from all addresses.
   *
   * Attempts at the same time gain nothing: what ends beyond the limit is refused and counted alike, be
   * it right or wrong, so that no answer tells which it was.
   *
   * @param prove what it throws counts where the proof is wrong, not where the service or a directory fails
   * @throws LatchkeyError `ATTEMPTS_EXCEEDED`, with the time to wait
   * @throws LatchkeyError what `prove` throws
   */
  async byPassword<T>(attempted: Attempted, prove: (gate: PasswordGate) => Promise<T>): Promise<T> {
    if (this.#limits.maxFailuresPerRoleAndAddress === 0) return prove(open);
    const { account } = attempted;
    const counters = this.#countersOfPassword(attempted);
    const known = keyOf('known', networkOf(attempted.request.clientIp), canonicalName(attempted));
    const password = { tried: false };
    try {
      const proven = await prove({
        admit: async () => {
          await this.#look(account, counters, known);
          this.#requireLeft(
            counters.filter(({ by }) => by !== 'role'),
            known,
          );
        },
        tryPassword: async (check) => {
          this.#requireLeft(counters, known);
          password.tried = true;
          return check();
        },
      });
      if (password.tried) {
        await this.#look(account, counters, known);
        await this.#requireStillLeft(account, counters, known);
        await this.#remember(account, known);
      }
      return proven;
    } catch (error) {
      if (!isWrongProof(error)) throw error;
      const over = await this.#count(account, counters, true);
      if (over.length === 0) throw error;
      // It has its record already, with the reason that the caller is not told.
      const binding =
        over.find(({ by }) => by === 'pair') ?? ((await this.#isKnown(account, known)) ? undefined : over[0]);
      throw binding === undefined ? error : this.#refusal(binding, error);
    }
  }

  /**
   * Runs a proof that cannot be guessed. Of wrong ones that name the same from one address there may be
   * 100 within 5 minutes, from one address 1,000 (ten times what the settings say of passwords); more
   * end with another failure than their own. One that is right is never refused.
   * @throws LatchkeyError `ATTEMPTS_EXCEEDED`, with the time to wait, instead of the failure of a wrong proof
   * @throws LatchkeyError what `prove` throws
   */
  async byToken<T>(attempted: Attempted, prove: () => Promise<T>): Promise<T> {
    try {
      return await prove();
    } catch (error) {
      if (isWrongProof(error)) await this.failed(attempted, error);
      throw error;
    }
  }

  /**
   * Counts a wrong proof that could not be guessed; see {@link byToken}.
   * @throws LatchkeyError `ATTEMPTS_EXCEEDED`: it was one too many
   */
  async failed(attempted: Attempted, cause?: unknown): Promise<void> {
    if (this.#limits.maxFailuresPerRoleAndAddress === 0) return;
    const counters = this.#countersOfToken(attempted);
    const known = counters.find(({ key }) => this.#exceededFor(key) > 0);
    // What is exceeded is counted no further: a flood writes nothing.
    const over = known ?? (await this.#count(attempted.account, counters, false))[0];
    if (over !== undefined) throw this.#refusal(over, cause);
  }

  #countersOfPassword(attempted: Attempted): readonly Counter[] {
    const name = canonicalName(attempted);
    const address = networkOf(attempted.request.clientIp);
    const { maxFailuresPerRoleAndAddress, maxFailuresPerAddress, maxFailuresPerRole } = this.#limits;
    const counters: Counter[] = [
      { by: 'pair', key: keyOf('pair', address, name), most: maxFailuresPerRoleAndAddress },
      { by: 'address', key: keyOf('address', address), most: maxFailuresPerAddress },
    ];
    if (!name.startsWith('host/')) {
      counters.push({ by: 'role', key: keyOf('login', name), most: maxFailuresPerRole });
    }
    return counters;
  }

  #countersOfToken({ request, name }: Attempted): readonly Counter[] {
    const address = networkOf(request.clientIp);
    const { maxFailuresPerRoleAndAddress, maxFailuresPerAddress } = this.#limits;
    return [
      {
        by: 'pair',
        key: keyOf('token pair', address, name),
        most: tokenFactor * maxFailuresPerRoleAndAddress,
      },
      { by: 'address', key: keyOf('token address', address), most: tokenFactor * maxFailuresPerAddress },
    ];
  }

  /**
   * Learns what other processes found exceeded, unless it is known already that nothing may be tried. That
   * has entries of its own, so that to look costs no write.
   */
  async #look(account: Account, counters: readonly Counter[], known: string): Promise<void> {
    if (this.#bindingOf(counters, known)?.by === 'pair') return;
    const keys = counters.map(({ key }) => key);
    const [knownEntry, ...entries] = await this.#ephemeral.get(account, [known, ...keys]);
    const latest = this.#clock.now() + this.#windowMs;
    for (const [index, entry] of entries.entries()) {
      if (entry === undefined) continue;
      const key = keys[index] ?? '';
      const until = untilOf(entry.value);
      this.#setExceeded(key, until);
      // Noted while the clock was ahead: from now on no more than a whole window is left of it.
      if (until > latest) {
        await this.#ephemeral.put(account, [{ key, value: bytesOf(latest), ttlMs: this.#windowMs }]);
      }
    }
    if (knownEntry !== undefined) this.#known.set(known, untilOf(knownEntry.value));
  }

  #requireLeft(counters: readonly Counter[], known: string): void {
    const binding = this.#bindingOf(counters, known);
    if (binding !== undefined) throw this.#refusal(binding);
  }

  /** As {@link Attempts.#requireLeft}, for what proved to be right beside too many that were not. */
  async #requireStillLeft(account: Account, counters: readonly Counter[], known: string): Promise<void> {
    const binding = this.#bindingOf(counters, known);
    if (binding === undefined) return;
    await this.#count(account, counters, true);
    throw this.#refusal(binding);
  }

  /** The counter that keeps somebody out, if one does. */
  #bindingOf(counters: readonly Counter[], known: string): Counter | undefined {
    const over = counters.filter(({ key }) => this.#exceededFor(key) > 0);
    return this.#known.has(known) ? over.find(({ by }) => by === 'pair') : over[0];
  }

  /** Counts a failure; answers what it exceeds. */
  async #count(account: Account, counters: readonly Counter[], share: boolean): Promise<readonly Counter[]> {
    const counted = await Promise.all(
      counters.map(async (counter) => ({
        counter,
        failed: await this.#ephemeral.count(account, counter.key, this.#windowMs),
      })),
    );
    const until = this.#clock.now() + this.#windowMs;
    const reached = counted.filter(({ counter, failed }) => failed >= counter.most);
    for (const { counter } of reached) {
      if (this.#exceededFor(counter.key) === 0) this.#setExceeded(counter.key, until);
    }
    // Once each, when it is reached: what is refused from then on must not prolong it.
    const first = reached.filter(({ counter, failed }) => failed === counter.most);
    if (share && first.length > 0) {
      const value = bytesOf(until);
      await this.#ephemeral.put(
        account,
        first.map(({ counter: { key } }) => ({ key, value, ttlMs: this.#windowMs })),
      );
    }
    return counted.filter(({ counter, failed }) => failed > counter.most).map(({ counter }) => counter);
  }

  async #isKnown(account: Account, known: string): Promise<boolean> {
    if (this.#known.has(known)) return true;
    const [entry] = await this.#ephemeral.get(account, [known]);
    return entry !== undefined;
  }

  async #remember(account: Account, known: string): Promise<void> {
    const now = this.#clock.now();
    const notedAt = this.#known.get(known);
    if (notedAt !== undefined && now - notedAt < knownRenewedMs) return;
    this.#known.set(known, now);
    await this.#ephemeral.put(account, [{ key: known, value: bytesOf(now), ttlMs: knownForMs }]);
  }

  /** For how many milliseconds a counter is exceeded, as far as this process knows. */
  #exceededFor(key: string): number {
    const until = this.#exceeded.get(key);
    if (until === undefined) return 0;
    const leftMs = until - this.#clock.now();
    // Where the clock was set back, no window is longer than a whole one.
    if (leftMs > 0 && leftMs <= this.#windowMs) return leftMs;
    this.#exceeded.delete(key);
    return 0;
  }

  #setExceeded(key: string, until: number): void {
    const latest = this.#clock.now() + this.#windowMs;
    this.#exceeded.set(key, Math.min(until, latest));
  }

  #refusal({ by, key }: Counter, cause?: unknown): LatchkeyError {
    this.#onRefused(by);
    const leftMs = this.#exceededFor(key);
    const retryAfterSeconds = Math.max(1, Math.ceil((leftMs === 0 ? this.#windowMs : leftMs) / 1_000));
    return new LatchkeyError('ATTEMPTS_EXCEEDED', { retryAfterSeconds, cause });
  }
}

/** One role's login may be spelled in several ways: `alice` and `user/alice`. */
function canonicalName({ account, name }: Attempted): string {
  try {
    return loginOf(roleOfLogin(account, name));
  } catch (error) {
    if (isFailure(error, 'ID_INVALID')) return name;
    throw error;
  }
}

function keyOf(...parts: readonly string[]): string {
  return `attempts ${createHash('sha256').update(parts.join('\t')).digest('base64url')}`;
}

function bytesOf(time: number): Uint8Array {
  return Buffer.from(String(time));
}

function untilOf(value: Uint8Array): number {
  return Number(Buffer.from(value).toString());
}
