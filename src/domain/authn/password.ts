/** Passwords: hashed with argon2id, a bounded number at a time. */
import { availableParallelism } from 'node:os';
import { hash, verify } from '@node-rs/argon2';
import { LatchkeyError } from '../errors.ts';

const maxCharacters = 128;
/** Of UTF-16. */
const maxUnitsPerCharacter = 2;
const maxQueued = 200;
/** Of libuv's thread pool. */
const usualThreads = 4;
/** OWASP's minimum for argon2id: 19 MiB, two passes, one lane. */
const cost = { memoryCost: 19 * 1024, timeCost: 2, parallelism: 1 };

/**
 * Whether a text may be a password: 12 to 128 characters of Unicode, no line break, at least two upper
 * case and two lower case letters, a digit and a special character.
 * @see Conjur: `Conjur::Password`
 */
export function isStrongPassword(password: string): boolean {
  const characters = Array.from(password).length;
  return (
    characters >= 12 &&
    characters <= maxCharacters &&
    !/[\r\n]/.test(password) &&
    /[A-Z].*[A-Z]/s.test(password) &&
    /[a-z].*[a-z]/s.test(password) &&
    /\d/.test(password) &&
    /[ !-/:-@[-`{-~]/.test(password)
  );
}

export interface HashingLimits {
  /** How many are hashed at a time; by default as many as there are cores, but one less than the pool has threads. */
  readonly atATime?: number;
  /** How long a password may wait to be verified; by default, and with 0, for as long as it takes. */
  readonly maxQueueDelayMs?: number;
}

/**
 * Runs argon2id on the thread pool, a few at a time. The rest wait in a queue that is bounded in number; what
 * is verified in time as well, so that whoever signs in is answered soon, or told to come back, and what is
 * answered is not late. A password that is set belongs to an act that has begun, and waits for those before it.
 */
export class PasswordHasher {
  readonly #atATime: number;
  readonly #maxQueueDelayMs: number;
  /** What begins each of those that wait, in the order of their arrival. */
  readonly #waiting = new Set<() => void>();
  #running = 0;
  #decoy: string | undefined;

  constructor({ atATime = usualAtATime(), maxQueueDelayMs = 0 }: HashingLimits = {}) {
    this.#atATime = atATime;
    this.#maxQueueDelayMs = maxQueueDelayMs;
  }

  /** @throws LatchkeyError `OVERLOADED`: too many are waiting */
  async hash(password: string): Promise<string> {
    return this.#inTurn(() => hash(password, cost), 0);
  }

  /**
   * Whether the password belongs to the hash. Without a hash it costs the same and is false,
   * so that time does not tell whether a role has a password.
   * @throws LatchkeyError `OVERLOADED`: too many are waiting, or its turn did not come in time
   */
  async verify(passwordHash: string | undefined, password: string): Promise<boolean> {
    if (password.length > maxCharacters * maxUnitsPerCharacter) return false;
    const against = passwordHash ?? (await this.#decoyHash());
    const matches = await this.#inTurn(() => verify(against, password), this.#maxQueueDelayMs);
    return matches && passwordHash !== undefined;
  }

  async #decoyHash(): Promise<string> {
    this.#decoy ??= await this.#inTurn(() => hash('decoy', cost), this.#maxQueueDelayMs);
    return this.#decoy;
  }

  async #inTurn<T>(act: () => Promise<T>, maxWaitMs: number): Promise<T> {
    if (this.#running < this.#atATime) this.#running += 1;
    else await this.#turn(maxWaitMs);
    try {
      return await act();
    } finally {
      const [next] = this.#waiting;
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }

  async #turn(maxWaitMs: number): Promise<void> {
    if (this.#waiting.size >= maxQueued) throw new LatchkeyError('OVERLOADED');
    await new Promise<void>((resolve, reject) => {
      const begin = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(begin);
        resolve();
      };
      const giveUp = (): void => {
        this.#waiting.delete(begin);
        reject(new LatchkeyError('OVERLOADED'));
      };
      const timer = maxWaitMs === 0 ? undefined : setTimeout(giveUp, maxWaitMs);
      this.#waiting.add(begin);
    });
  }
}

/** Commits of the embedded store, files and names of hosts take threads of the same pool. */
function usualAtATime(): number {
  const threads = Number(process.env['UV_THREADPOOL_SIZE'] ?? usualThreads);
  // What is no number, libuv takes for one thread.
  return Math.max(1, Math.min(availableParallelism(), (threads || 1) - 1));
}
