/**
 * What the service counts of itself, for Prometheus. Names and labels that begin with `conjur_` are
 * Conjur's; labels take their values from closed lists, never from what a client sends.
 */
import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import type { LatchkeyError } from '../domain/errors.ts';
import { DurationTally, histogramText, type HistogramShape } from './duration-tally.ts';
import { aggregated, summed, type Figures, type TalliedByLabel } from './figures.ts';
import type { Inventory, Tally } from './inventory.ts';
import { LoadMetrics } from './load-metrics.ts';

const requestBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const storeBounds = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5];

const requestHistogram: HistogramShape = {
  name: 'conjur_http_server_request_duration_seconds',
  help: 'How long it took to answer requests, by operation.',
  label: 'operation',
  bounds: requestBounds,
};
const storeHistogram: HistogramShape = {
  name: 'latchkey_store_duration_seconds',
  help: 'How long calls of the store took.',
  label: 'call',
  bounds: storeBounds,
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
  /** What limits strike. */
  readonly load = new LoadMetrics(this.#registry);
  /** Of the store, and so the same in every process. */
  readonly #inventory = new Registry();
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
    const ofStore = [this.#inventory];
    this.#resources = new Gauge({
      name: 'conjur_resource_count',
      help: 'Resources of all accounts, by kind.',
      labelNames: ['kind'],
      registers: ofStore,
    });
    this.#roles = new Gauge({
      name: 'conjur_role_count',
      help: 'Roles of all accounts, by kind.',
      labelNames: ['kind'],
      registers: ofStore,
    });
    this.#authenticators = new Gauge({
      name: 'conjur_server_authenticator',
      help: 'Authenticators that are installed, configured by policy, and enabled, by type.',
      labelNames: ['type', 'status'],
      registers: ofStore,
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

  /** Shows when the certificate of the HTTPS server ends, of which `notAfter` tells the milliseconds since 1970. */
  watchCertificate(notAfter: () => number): void {
    new Gauge({
      name: 'latchkey_tls_certificate_not_after_seconds',
      help: 'When the certificate of the HTTPS server ends, in seconds since 1970.',
      registers: [this.#registry],
      aggregator: 'min',
      collect() {
        this.set(notAfter() / 1_000);
      },
    });
  }

  /** The media type of {@link text}. */
  get contentType(): string {
    return this.#registry.contentType;
  }

  /** What this process counted so far. */
  async figures(): Promise<Figures> {
    return {
      metrics: await this.#registry.getMetricsAsJSON(),
      requestDurations: talliedByLabel(this.#requestDurations),
      storeDurations: talliedByLabel(this.#storeDurations),
    };
  }

  /**
   * All figures in the text format of Prometheus.
   * @param others what other processes of the service counted, to be added up with what this one did
   */
  async text(inventory: Inventory, others: readonly Figures[] = []): Promise<string> {
    this.#setInventory(inventory);
    const all = [await this.figures(), ...others];
    // Alone, its figures are shown as they are: some, such as its start, do not add up.
    const registry = others.length === 0 ? this.#registry : aggregated(all.map(({ metrics }) => metrics));
    return [
      await registry.metrics(),
      await this.#inventory.metrics(),
      histogramText(requestHistogram, summed(all.map(({ requestDurations }) => requestDurations))),
      histogramText(storeHistogram, summed(all.map(({ storeDurations }) => storeDurations))),
    ].join('\n');
  }

  #setInventory({ resources, roles, authenticators }: Inventory): void {
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

function talliedByLabel(tallies: ReadonlyMap<string, DurationTally>): TalliedByLabel {
  return new Map([...tallies].map(([label, tally]) => [label, tally.tallied]));
}

function setEach(tally: Tally, set: (name: string, count: number) => void): void {
  for (const [name, count] of tally) set(name, count);
}
