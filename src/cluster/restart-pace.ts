/** How soon a process that died is started again, and when that is given up. */

const quickEndMs = 10 * 1_000;
const firstDelayMs = 100;
/** Of a process that served, somebody wants it back. */
const maxDelayAfterServingMs = 1_000;
const maxDelayAfterFailureMs = 10 * 1_000;
const failuresToGiveUp = 5;

export interface WorkerEnd {
  /** Whether it had started to serve. */
  readonly served: boolean;
  readonly livedMs: number;
}

/**
 * The first death is repaired at once; when processes die young again and again, each start waits
 * twice as long as the one before, within bounds.
 */
export class RestartPace {
  #quickEnds = 0;
  #failedStarts = 0;

  /** A process started to serve. */
  started(): void {
    this.#failedStarts = 0;
  }

  /**
   * A process died.
   * @returns how long to wait before the next is started, in milliseconds
   */
  ended({ served, livedMs }: WorkerEnd): number {
    this.#failedStarts = served ? 0 : this.#failedStarts + 1;
    this.#quickEnds = served && livedMs >= quickEndMs ? 0 : this.#quickEnds + 1;
    if (this.#quickEnds <= 1) return 0;
    const most = served ? maxDelayAfterServingMs : maxDelayAfterFailureMs;
    return Math.min(most, firstDelayMs * 2 ** (this.#quickEnds - 2));
  }

  /** Whether so many starts failed in a row that the next will, too. */
  get hopeless(): boolean {
    return this.#failedStarts >= failuresToGiveUp;
  }
}
