/** Notices when the store may lose what it acknowledges, although it could not when it was opened. */
import { isFailure } from '../../domain/errors.ts';
import type { Log } from '../../log.ts';
import type { Connection } from './connection.ts';
import { requireDurable } from './durability.ts';

export interface DurabilityWatchOptions {
  readonly log: Pick<Log, 'error' | 'info'>;
  readonly intervalMs: number;
}

/**
 * Asks again and again, as another server may have taken over, with settings of its own, or somebody changed
 * them. The service goes on all the same: it is the operators who must know.
 */
export class DurabilityWatch {
  readonly #connection: Connection;
  readonly #log: DurabilityWatchOptions['log'];
  readonly #timer: NodeJS.Timeout;
  #asking = false;
  #fault: string | undefined;

  constructor(connection: Connection, { log, intervalMs }: DurabilityWatchOptions) {
    this.#connection = connection;
    this.#log = log;
    this.#timer = setInterval(() => void this.#ask(), intervalMs);
    this.#timer.unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #ask(): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    try {
      await this.#connection.perform(requireDurable);
      if (this.#fault !== undefined) this.#log.info('the store keeps again what it acknowledges');
      this.#fault = undefined;
    } catch (error) {
      // One that is away is asked again.
      if (isFailure(error, 'STORE_REFUSED') && error.message !== this.#fault) {
        this.#fault = error.message;
        this.#log.error({ err: error }, 'the store may lose what it acknowledges from now on');
      }
    } finally {
      this.#asking = false;
    }
  }
}
