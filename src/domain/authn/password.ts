/** Passwords: hashed with argon2id, a bounded number at a time. */
import { availableParallelism } from 'node:os';
import { hash, verify } from '@node-rs/argon2';
import { LatchkeyError } from '../errors.ts';

const maxCharacters = 128;
/** Of UTF-16. */
const maxUnitsPerCharacter = 2;
const maxQueued = 200;
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

/** Runs argon2id on the thread pool, as many at a time as there are cores; the rest wait in a bounded queue. */
export class PasswordHasher {
  readonly #slots = availableParallelism();
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  #decoy: string | undefined;

  /** @throws LatchkeyError `OVERLOADED`: too many are waiting */
  async hash(password: string): Promise<string> {
    return this.#inTurn(() => hash(password, cost));
  }

  /**
   * Whether the password belongs to the hash. Without a hash it costs the same and is false,
   * so that time does not tell whether a role has a password.
   * @throws LatchkeyError `OVERLOADED`: too many are waiting
   */
  async verify(passwordHash: string | undefined, password: string): Promise<boolean> {
    if (password.length > maxCharacters * maxUnitsPerCharacter) return false;
    const against = passwordHash ?? (await this.#decoyHash());
    const matches = await this.#inTurn(() => verify(against, password));
    return matches && passwordHash !== undefined;
  }

  async #decoyHash(): Promise<string> {
    this.#decoy ??= await this.#inTurn(() => hash('decoy', cost));
    return this.#decoy;
  }

  async #inTurn<T>(act: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#slots) {
      if (this.#waiting.length >= maxQueued) throw new LatchkeyError('OVERLOADED');
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else {
      this.#running += 1;
    }
    try {
      return await act();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}
