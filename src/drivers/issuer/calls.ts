import { LatchkeyError } from '../../domain/errors.ts';

export interface CallLimits {
  /** The number of calls that run at once; the others wait their turn. */
  readonly maxConcurrentFetches: number;
  /** The time from asking for a call to its end, waiting included. */
  readonly totalTimeoutMs: number;
}

/** Calls to other services, bounded in number and in time, and ended together. */
export class Calls {
  readonly #limits: CallLimits;
  readonly #running = new Map<AbortController, Promise<unknown>>();
  /** What wakes each call that waits for its turn, in the order of their arrival. */
  readonly #waiting = new Set<() => void>();
  #free: number;
  #closed = false;

  constructor(limits: CallLimits) {
    this.#limits = limits;
    this.#free = limits.maxConcurrentFetches;
  }

  /**
   * Makes a call when its turn comes.
   * @param call must end soon after its signal is aborted, whose reason is the error to end with
   * @throws LatchkeyError `ISSUER_TIMEOUT`; `ISSUER_UNREACHABLE`: closed meanwhile
   */
  async run<Result>(call: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    if (this.#closed) throw closed();
    const abort = new AbortController();
    const timer = setTimeout(() => {
      abort.abort(new LatchkeyError('ISSUER_TIMEOUT'));
    }, this.#limits.totalTimeoutMs);
    const running = this.#runInTurn(call, abort.signal);
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
    signal: AbortSignal,
  ): Promise<Result> {
    await this.#takeTurn(signal);
    try {
      signal.throwIfAborted();
      return await call(signal);
    } finally {
      this.#passTurn();
    }
  }

  async #takeTurn(signal: AbortSignal): Promise<void> {
    if (this.#free > 0) {
      this.#free--;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const giveUp = (): void => {
        this.#waiting.delete(proceed);
        reject(signal.reason as LatchkeyError);
      };
      const proceed = (): void => {
        signal.removeEventListener('abort', giveUp);
        resolve();
      };
      this.#waiting.add(proceed);
      signal.addEventListener('abort', giveUp, { once: true });
    });
  }

  /** The turn passes on without becoming free in between, so that nobody overtakes. */
  #passTurn(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#free++;
      return;
    }
    this.#waiting.delete(next);
    next();
  }
}

function closed(): LatchkeyError {
  return new LatchkeyError('ISSUER_UNREACHABLE', { detail: 'The service is shutting down' });
}
