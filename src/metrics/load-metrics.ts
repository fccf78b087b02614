import { Counter, type Registry } from 'prom-client';

/** Counts what limits strike. Labels take their values from closed lists. */
export class LoadMetrics {
  readonly #refused: Counter<'reason'>;
  readonly #dropped: Counter<'reason'>;
  readonly #ended: Counter<'reason'>;
  readonly #limited: Counter<'by'>;

  constructor(register: Registry) {
    const registers = [register];
    this.#refused = new Counter({
      name: 'latchkey_requests_refused_total',
      help: 'Requests that were answered 503 before they were begun, by what there was too much of.',
      labelNames: ['reason'],
      registers,
    });
    this.#dropped = new Counter({
      name: 'latchkey_connections_dropped_total',
      help: 'Connections that were closed as soon as they were made, by the limit that they exceeded.',
      labelNames: ['reason'],
      registers,
    });
    this.#ended = new Counter({
      name: 'latchkey_connections_ended_total',
      help: 'Connections that were ended because something went too slowly, by what that was.',
      labelNames: ['reason'],
      registers,
    });
    this.#limited = new Counter({
      name: 'latchkey_attempts_refused_total',
      help: 'Attempts to authenticate that were answered 429, by the limit of failures that was reached.',
      labelNames: ['by'],
      registers,
    });
  }

  requestRefused(reason: 'concurrency' | 'queue-delay'): void {
    this.#refused.inc({ reason });
  }

  connectionDropped(reason: 'total' | 'address'): void {
    this.#dropped.inc({ reason });
  }

  connectionEnded(reason: 'request' | 'answer' | 'unread'): void {
    this.#ended.inc({ reason });
  }

  attemptRefused(by: 'pair' | 'address' | 'role'): void {
    this.#limited.inc({ by });
  }
}
