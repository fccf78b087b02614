/**
 * Which requests are begun at all. What the process has no room for is refused at once, before
 * anything of it is looked at, so that what was begun is finished in time.
 *
 * A request waits unread for as long as the turn of the event loop takes that is under way. Turns that
 * go on being longer than the bound mean that more comes in than can be done: then each turn begins as
 * many requests as fit into the bound, the first that came, and refuses the others. How many requests
 * are under way is bounded besides.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { performance } from 'node:perf_hooks';

export interface AdmissionLimits {
  /** How many requests may be under way; the next one is refused. 0 sets no bound. */
  readonly maxConcurrentRequests: number;
  /** How long requests may wait for their turn, in a row of turns, before some are refused. 0 sets no bound. */
  readonly maxQueueDelayMs: number;
}

export type RefusalReason = 'concurrency' | 'queue-delay';

type Handle = (request: IncomingMessage, response: ServerResponse) => Promise<unknown>;
type Arrival = readonly [IncomingMessage, ServerResponse];

/** So many turns in a row over the bound are no passing thing: a big answer, the collection of garbage. */
const turnsOverBound = 3;
/** What each turn begins, however long turns take. */
const leastPerTurn = 16;

/**
 * Handles the requests that were parsed in one turn of the event loop together, after it. What
 * they do then runs on warm caches, which takes a third off the CPU time of a busy server; a
 * request that comes alone waits for nothing.
 */
export class Admission {
  readonly #handle: Handle;
  readonly #limits: AdmissionLimits;
  readonly #refuse: (request: IncomingMessage, response: ServerResponse, reason: RefusalReason) => void;
  readonly #busyMs: () => number;
  #waiting: Arrival[] = [];
  #underWay = 0;
  #busyBefore = 0;
  #turnsOver = 0;
  #begunBefore = 0;
  /**
   * @param refuse answers a request that is not begun
   * @param busyMs for how long, in all, the event loop has not been idle
   */
  constructor(
    limits: AdmissionLimits,
    handle: Handle,
    refuse: (request: IncomingMessage, response: ServerResponse, reason: RefusalReason) => void,
    busyMs: () => number = () => performance.eventLoopUtilization().active,
  ) {
    this.#limits = limits;
    this.#handle = handle;
    this.#refuse = refuse;
    this.#busyMs = busyMs;
  }

  /** How many requests are under way. */
  get underWay(): number {
    return this.#underWay;
  }

  /** Takes a request that was parsed. */
  readonly take = (request: IncomingMessage, response: ServerResponse): void => {
    if (this.#waiting.push([request, response]) === 1) setImmediate(this.#beginAll);
  };

  readonly #beginAll = (): void => {
    const turn = this.#waiting;
    this.#waiting = [];
    const room = this.#roomOfTurn();
    const most = this.#limits.maxConcurrentRequests;
    let begun = 0;
    for (const [request, response] of turn) {
      if (!isProbe(request.url) && begun >= room) this.#refuse(request, response, 'queue-delay');
      else if (!isProbe(request.url) && most > 0 && this.#underWay >= most)
        this.#refuse(request, response, 'concurrency');
      else {
        begun += 1;
        void this.#begin(request, response);
      }
    }
    this.#begunBefore = begun;
  };

  async #begin(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#underWay += 1;
    try {
      await this.#handle(request, response);
    } finally {
      this.#underWay -= 1;
    }
  }

  /** How many requests this turn begins, judged by how long the last turns took. */
  #roomOfTurn(): number {
    const { maxQueueDelayMs } = this.#limits;
    if (maxQueueDelayMs === 0) return Infinity;
    const busy = this.#busyMs();
    const delayMs = busy - this.#busyBefore;
    this.#busyBefore = busy;
    if (delayMs <= maxQueueDelayMs) {
      this.#turnsOver = 0;
      return Infinity;
    }
    this.#turnsOver += 1;
    // A turn of the loop without requests in between: then nobody waited for all that time.
    setImmediate(() => {
      if (this.#waiting.length === 0) this.#turnsOver = 0;
    });
    if (this.#turnsOver < turnsOverBound) return Infinity;
    return Math.max(leastPerTurn, Math.floor((this.#begunBefore * maxQueueDelayMs) / delayMs));
  }
}

/** Whoever watches over the service is answered whatever happens. */
function isProbe(url = ''): boolean {
  return url.startsWith('/health/') || url === '/metrics';
}
