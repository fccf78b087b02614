/**
 * What the service counts of itself, for Prometheus. Names and labels that begin with `conjur_` are
 * Conjur's; labels take their values from closed lists, never from what a client sends.
 */
import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import type { LatchkeyError } from '../domain/errors.ts';
import { DurationTally, histogramText, type HistogramShape } from './duration-tally.ts';
import type { Inventory, Tally } from './inventory.ts';

const requestBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const storeBounds = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5];

const requestHistogram: HistogramShape = {
  name: 'conjur_http_server_request_duration_seconds',
  help: 'How long it took to answer requests, by operation.',
  label: 'operation',
};
const storeHistogram: HistogramShape = {
  name: 'latchkey_store_duration_seconds',
  help: 'How long calls of the store took.',
  label: 'call',
};

/** The calls of the store that are timed. */
export type StoreCall = 'read' | 'commit' | 'changes_since';

/** What happened to requests of one operation. */
interface RequestTally {
  readonly durations: DurationTally;
  readonly codes: Map<number, number>;
}

export class ServiceMetrics {
  readonly #registry = new Registry();
  readonly #requests = new Map<string, RequestTally>();
  readonly #requestDurations = new Map<string, DurationTally>();
  readonly #storeDurations = new Map<string, DurationTally>();
  readonly #failures: Counter<'operation' | 'exception' | 'message'>;
  readonly #auditFailures: Counter;
  readonly #resources: Gauge<'kind'>;
  readonly #roles: Gauge<'kind'>;
  readonly #authenticators: Gauge<'type' | 'status'>;

  constructor() {
    const registers = [this.#registry];
    this.#addRequests(registers);
    this.#failures = new Counter({
      name: 'conjur_http_server_request_exceptions_total',
      help: 'Requests that failed for a reason within the service, by the code and text of the failure.',
      labelNames: ['operation', 'exception', 'message'],
      registers,
    });
    this.#resources = new Gauge({
      name: 'conjur_resource_count',
      help: 'Resources of all accounts, by kind.',
      labelNames: ['kind'],
      registers,
    });
    this.#roles = new Gauge({
      name: 'conjur_role_count',
      help: 'Roles of all accounts, by kind.',
      labelNames: ['kind'],
      registers,
    });
    this.#authenticators = new Gauge({
      name: 'conjur_server_authenticator',
      help: 'Authenticators that are installed, configured by policy, and enabled, by type.',
      labelNames: ['type', 'status'],
      registers,
    });
    this.#auditFailures = new Counter({
      name: 'latchkey_audit_failures_total',
      help: 'Requests that were refused because their audit record could not be written.',
      registers,
    });
    collectDefaultMetrics({ register: this.#registry });
  }

  /** A request was answered. */
  requestEnded(operation: string, status: number, seconds: number): void {
    const { codes, durations } = this.#requests.get(operation) ?? this.#newRequestTally(operation);
    codes.set(status, (codes.get(status) ?? 0) + 1);
    durations.add(seconds);
  }

  /** A request failed, whoever's fault that was; only faults within the service are counted. */
  requestFailed(operation: string, failure: LatchkeyError): void {
    if (failure.kind !== 'internal' && failure.kind !== 'unavailable') return;
    this.#failures.inc({ operation, exception: failure.code, message: failure.publicText });
    if (failure.code === 'AUDIT_UNAVAILABLE') this.#auditFailures.inc();
  }

  /**
   * A call of the store settled.
   * @param weight of how many calls this one is a sample
   */
  storeCallEnded(call: StoreCall, seconds: number, weight = 1): void {
    let tally = this.#storeDurations.get(call);
    if (tally === undefined) this.#storeDurations.set(call, (tally = new DurationTally(storeBounds)));
    tally.add(seconds, weight);
  }

  /** The media type of {@link text}. */
  get contentType(): string {
    return this.#registry.contentType;
  }

  /** All figures in the text format of Prometheus. */
  async text({ resources, roles, authenticators }: Inventory): Promise<string> {
    this.#resources.reset();
    this.#roles.reset();
    this.#authenticators.reset();
    setEach(resources, (kind, count) => {
      this.#resources.set({ kind }, count);
    });
    setEach(roles, (kind, count) => {
      this.#roles.set({ kind }, count);
    });
    for (const [status, tally] of Object.entries(authenticators)) {
      setEach(tally, (type, count) => {
        this.#authenticators.set({ type, status }, count);
      });
    }
    return [
      await this.#registry.metrics(),
      histogramText(requestHistogram, this.#requestDurations),
      histogramText(storeHistogram, this.#storeDurations),
    ].join('\n');
  }

  #addRequests(registers: Registry[]): void {
    const requests = this.#requests;
    new Counter({
      name: 'conjur_http_server_requests_total',
      help: 'Requests that were answered, by status code and operation.',
      labelNames: ['code', 'operation'],
      registers,
      collect() {
        this.reset();
        for (const [operation, { codes }] of requests) {
          for (const [code, count] of codes) this.inc({ code: String(code), operation }, count);
        }
      },
    });
  }

  #newRequestTally(operation: string): RequestTally {
    const tally = { durations: new DurationTally(requestBounds), codes: new Map<number, number>() };
    this.#requests.set(operation, tally);
    this.#requestDurations.set(operation, tally.durations);
    return tally;
  }
}

function setEach(tally: Tally, set: (name: string, count: number) => void): void {
  for (const [name, count] of tally) set(name, count);
}
