/** Gathers what all workers counted for the one that is asked for it. Runs in the primary. */
import { remains, type Figures } from '../metrics/figures.ts';
import type { ToWorker } from './messages.ts';

/** A worker that does not answer by then is shown as it last was. */
const answerTimeoutMs = 1_000;

/** How the exchange reaches the workers that serve. */
export interface Peers {
  readonly ids: () => readonly number[];
  readonly send: (worker: number, message: ToWorker) => void;
}

/**
 * Knows what each worker counted when it was last asked, and what those counted that are gone: so
 * sums over all never fall, as counters of Prometheus must not.
 */
export class FiguresExchange {
  readonly #peers: Peers;
  readonly #latest = new Map<number, Figures>();
  #remains: Promise<Figures> | undefined;
  readonly #waiting = new Map<string, () => void>();
  #requests = 0;

  constructor(peers: Peers) {
    this.#peers = peers;
  }

  /** Answers a worker with the figures of all the others, and of those that are gone. */
  async gather(asker: number, request: number, own: Figures): Promise<void> {
    this.#latest.set(asker, own);
    const others = this.#peers.ids().filter((id) => id !== asker);
    await Promise.all(others.map((id) => this.#collect(id)));
    const gone = await this.#remains;
    const known = others.flatMap((id) => this.#latest.get(id) ?? []);
    const figures = gone === undefined ? known : [...known, gone];
    this.#peers.send(asker, { latchkey: 'gathered', request, figures });
  }

  /** A worker told what it counted; when asked, or before it ends. */
  told(worker: number, request: number | undefined, figures: Figures): void {
    this.#latest.set(worker, figures);
    this.#waiting.get(`${worker} ${request ?? ''}`)?.();
  }

  /** A worker is gone. */
  ended(worker: number): void {
    const last = this.#latest.get(worker);
    this.#latest.delete(worker);
    for (const [key, settle] of this.#waiting) if (key.startsWith(`${worker} `)) settle();
    if (last === undefined) return;
    const before = this.#remains;
    this.#remains = (async () => remains(before === undefined ? [last] : [await before, last]))();
  }

  async #collect(worker: number): Promise<void> {
    const request = (this.#requests += 1);
    const key = `${worker} ${request}`;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, answerTimeoutMs);
      this.#waiting.set(key, () => {
        clearTimeout(timer);
        resolve();
      });
      this.#peers.send(worker, { latchkey: 'collect', request });
    });
    this.#waiting.delete(key);
  }
}
