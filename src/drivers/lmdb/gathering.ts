/** Fewer writers than that gain nothing from waiting for each other. */
const leastTogether = 8;
/** Of what the last commit took. */
const shareOfCommit = 0.5;
const maxDelayMs = 4;

/**
 * Lets writers share a sync of the disk, of which there is one at a time. Those whom one sync acknowledged are
 * likely to write again within the next milliseconds: the first who does waits until as many have come, or
 * for half of what a commit takes. Otherwise it would be synced alone, and all others would wait
 * for that and then for theirs. Where few write, nobody waits.
 * @see PostgreSQL: `commit_delay` and `commit_siblings`
 */
export class Gathering {
  /** Who waits to begin. */
  #here = 0;
  #committing = 0;
  /** How many ended with the last sync. */
  #together = 0;
  #ended = 0;
  #begunAt = 0;
  #commitMs = 0;
  #opening: Opening | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** Begins a commit once enough others have come. */
  async commit<Result>(begin: () => Promise<Result>): Promise<Result> {
    const gathered = this.#gathered();
    if (gathered !== undefined) await gathered;
    if (this.#committing === 0) this.#begunAt = performance.now();
    this.#committing += 1;
    try {
      return await begin();
    } finally {
      this.#end();
    }
  }

  #gathered(): Promise<void> | undefined {
    if (this.#together < leastTogether && this.#opening === undefined) return undefined;
    this.#here += 1;
    const { opened } = (this.#opening ??= newOpening());
    this.#openInTime();
    return opened;
  }

  /** While one commit is under way, the next can but wait. */
  #openInTime(): void {
    if (this.#committing > 0 || this.#opening === undefined) return;
    if (this.#here >= this.#together) {
      this.#open();
      return;
    }
    const delayMs = Math.min(maxDelayMs, this.#commitMs * shareOfCommit);
    this.#timer ??= setTimeout(this.#open, delayMs);
  }

  readonly #open = (): void => {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#here = 0;
    this.#opening?.open();
    this.#opening = undefined;
  };

  #end(): void {
    this.#committing -= 1;
    this.#ended += 1;
    if (this.#committing > 0) {
      if (this.#ended === 1) setImmediate(this.#countEnded);
      return;
    }
    this.#commitMs = performance.now() - this.#begunAt;
    this.#countEnded();
    this.#openInTime();
  }

  /** Those of one turn were of one sync. */
  readonly #countEnded = (): void => {
    if (this.#ended > 0) this.#together = this.#ended;
    this.#ended = 0;
  };
}

interface Opening {
  readonly opened: Promise<void>;
  readonly open: () => void;
}

function newOpening(): Opening {
  let open: Opening['open'] = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}
