import { LatchkeyError } from '../../domain/errors.ts';

export interface CallLimits {
  /** The number of calls that run at once; the others wait their turn. */
  readonly maxConcurrentFetches: number;
  /** How many of them may be to one place, so that one that is slow leaves turns to others; by default all. */
  readonly maxConcurrentPerPlace?: number;
  /** The number of calls that may wait; 1,000 by default. */
  readonly maxWaiting?: number;
  /** The time from asking for a call to its end, waiting included. */
  readonly totalTimeoutMs: number;
}

/** A call that waits, and what wakes it. */
interface Waiting {
  readonly place: string;
  readonly proceed: () => void;
}

const defaultMaxWaiting = 1_000;

/** Calls to other services, bounded in number and in time, and ended together. */
export class Calls {
  readonly #limits: CallLimits;
  readonly #running = new Map<AbortController, Promise<unknown>>();
  /** The calls that wait for their turn, in the order of their arrival. */
  readonly #waiting = new Set<Waiting>();
  readonly #runningAt = new Map<string, number>();
  #free: number;
  #closed = false;

  constructor(limits: CallLimits) {
    this.#limits = limits;
    this.#free = limits.maxConcurrentFetches;
  }

  /**
   * Makes a call when its turn comes.
   * @param call must end soon after its signal is aborted, whose reason is the error to end with
   * @param place where it goes, where places have shares
   * @throws LatchkeyError `ISSUER_TIMEOUT`; `ISSUER_UNREACHABLE`: closed meanwhile; `OVERLOADED`: too many wait
   */
  async run<Result>(call: (signal: AbortSignal) => Promise<Result>, place = ''): Promise<Result> {
    if (this.#closed) throw closed();
    const { maxWaiting = defaultMaxWaiting } = this.#limits;
    if (!this.#hasTurnFor(place) && this.#waiting.size >= maxWaiting) throw new LatchkeyError('OVERLOADED');
    const abort = new AbortController();
    const timer = setTimeout(() => {
      abort.abort(new LatchkeyError('ISSUER_TIMEOUT'));
    }, this.#limits.totalTimeoutMs);
    const running = this.#runInTurn(call, place, abort.signal);
    this.#running.set(abort, running);
    try {
      return await running;
    } finally {
      clearTimeout(timer);
      this.#running.delete(abort);
    }
  }

  /** Ends every call; later ones are refused. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const abort of this.#running.keys()) abort.abort(closed());
    await Promise.allSettled(this.#running.values());
  }

  async #runInTurn<Result>(
    call: (signal: AbortSignal) => Promise<Result>,
    place: string,
    signal: AbortSignal,
  ): Promise<Result> {
    await this.#takeTurn(place, signal);
    try {
      signal.throwIfAborted();
      return await call(signal);
    } finally {
      this.#passTurn(place);
    }
  }

  #hasTurnFor(place: string): boolean {
    return this.#free > 0 && this.#hasShareLeft(place);
  }

  #hasShareLeft(place: string): boolean {
    const { maxConcurrentPerPlace = Infinity } = this.#limits;
    return (this.#runningAt.get(place) ?? 0) < maxConcurrentPerPlace;
  }

  #count(place: string, change: 1 | -1): void {
    const running = (this.#runningAt.get(place) ?? 0) + change;
    if (running === 0) this.#runningAt.delete(place);
    else this.#runningAt.set(place, running);
  }

  async #takeTurn(place: string, signal: AbortSignal): Promise<void> {
    if (this.#hasTurnFor(place)) {
      this.#free--;
      this.#count(place, 1);
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const giveUp = (): void => {
        this.#waiting.delete(waiting);
        reject(signal.reason as LatchkeyError);
      };
      const waiting: Waiting = {
        place,
        proceed: () => {
          signal.removeEventListener('abort', giveUp);
          resolve();
        },
      };
      this.#waiting.add(waiting);
      signal.addEventListener('abort', giveUp, { once: true });
    });
  }

  /**
   * The turn passes on without becoming free in between, so that nobody overtakes but those whose
   * place has turns left. With its place, another that waits for a free turn may go on as well.
   */
  #passTurn(place: string): void {
    this.#count(place, -1);
    this.#free++;
    for (const waiting of this.#waiting) {
      if (this.#free === 0) return;
      if (!this.#hasShareLeft(waiting.place)) continue;
      this.#waiting.delete(waiting);
      this.#free--;
      this.#count(waiting.place, 1);
      waiting.proceed();
    }
  }
}

function closed(): LatchkeyError {
  return new LatchkeyError('ISSUER_UNREACHABLE', { detail: 'The service is shutting down' });
}
