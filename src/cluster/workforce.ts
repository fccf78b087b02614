/** The workers of a service: started, replaced when they die, renewed one after the other. */
import cluster, { type Worker } from 'node:cluster';
import { setTimeout as pause } from 'node:timers/promises';
import type { Log } from '../log.ts';
import { FiguresExchange } from './figures-exchange.ts';
import { Handovers } from './handover.ts';
import { isFromWorker, type FromWorker, type StartFault, type Started } from './messages.ts';
import { RestartPace } from './restart-pace.ts';

/** A worker could not start, or none can any more. */
export class StartFailure extends Error {
  override readonly name = 'StartFailure';
  /** How a process of its own would have ended. */
  readonly fault: StartFault;

  constructor(fault: StartFault) {
    super(fault.text);
    this.fault = fault;
  }
}

/** Once it is told to stop, a worker that takes longer is killed. */
export interface WorkforceSettings {
  readonly workers: number;
  readonly stopTimeoutMs: number;
}

interface Member {
  readonly worker: Worker;
  readonly startedAt: number;
  /** Rejects with a {@link StartFailure}. */
  readonly serving: Promise<Started>;
  readonly ended: Promise<void>;
  state: 'starting' | 'serving' | 'leaving';
}

/**
 * Looks after workers. Whoever makes one has set up `cluster` with what a worker runs.
 */
export class Workforce {
  readonly #log: Log;
  readonly #members = new Set<Member>();
  readonly #pace = new RestartPace();
  readonly #figures: FiguresExchange;
  readonly #handovers = new Handovers();
  #settings: WorkforceSettings;
  #running = false;
  #stopping = false;
  #giveUp: (failure: StartFailure) => void = () => undefined;
  /** Rejects with a {@link StartFailure} when no worker serves, and none can be started. */
  readonly hopeless: Promise<never>;

  constructor(settings: WorkforceSettings, log: Log) {
    this.#settings = settings;
    this.#log = log;
    this.hopeless = new Promise((_resolve, reject) => {
      this.#giveUp = reject;
    });
    this.#figures = new FiguresExchange({
      ids: () => this.#serving().map(({ worker }) => worker.id),
      send: (id, message) => {
        const worker = cluster.workers?.[id];
        if (worker?.isConnected() === true) worker.send(message, () => undefined);
      },
    });
  }

  /**
   * Starts the first worker, which makes what is missing, and then all the others.
   * @throws StartFailure one of them could not start; none runs any more
   */
  async start(): Promise<Started> {
    try {
      const first = await this.#hire().serving;
      const others = Array.from({ length: this.#settings.workers - 1 }, () => this.#hire().serving);
      await Promise.all(others);
      this.#running = true;
      return first;
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /**
   * Replaces every worker that runs now: a new one serves before the old one is told to stop.
   * @param settings from now on, also of how many there are
   * @throws StartFailure a new worker could not start; those that were not replaced yet go on
   */
  async renew(settings: WorkforceSettings): Promise<void> {
    const before = this.#settings;
    this.#settings = settings;
    const stale = new Set(this.#present());
    try {
      for (;;) {
        const old = this.#present().filter((member) => stale.has(member));
        const missing = settings.workers - (this.#present().length - old.length);
        if (this.#stopping || (old.length === 0 && missing <= 0)) return;
        if (missing > 0) await this.#hire().serving;
        // Also those that died meanwhile: they are gone at once.
        if (old[0] !== undefined) await this.#dismiss(old[0]);
      }
    } catch (error) {
      if (this.#stopping) return;
      this.#settings = before;
      throw error;
    }
  }

  /** Passes a signal on to every worker, as soon as it serves. */
  signal(signal: NodeJS.Signals): void {
    for (const { worker, serving } of this.#members) {
      const send = (): void => {
        worker.process.kill(signal);
      };
      serving.then(send, () => undefined);
    }
  }

  /** Ends every worker at once. */
  kill(): void {
    for (const { worker } of this.#members) worker.process.kill('SIGKILL');
  }

  /** Tells every worker to finish what it does, and waits until all are gone. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.all([...this.#members].map((member) => this.#dismiss(member)));
  }

  #hire(): Member {
    const worker = cluster.fork();
    this.#handovers.watch(worker);
    let fault: StartFault | undefined;
    let serve: (started: Started) => void = () => undefined;
    let fail: (failure: StartFailure) => void = () => undefined;
    const member: Member = {
      worker,
      startedAt: performance.now(),
      state: 'starting',
      serving: new Promise((resolve, reject) => {
        serve = resolve;
        fail = reject;
      }),
      ended: new Promise((resolve) => {
        worker.once('exit', (code: number | null, signal: string | null) => {
          const how = signal === null ? `exit code ${String(code)}` : `signal ${signal}`;
          fail(new StartFailure(fault ?? { exit: 'refused', text: `a worker ended at its start: ${how}` }));
          this.#ended(member, how, fault);
          resolve();
        });
      }),
    };
    // Whoever waits for it hears of it; that it ended is dealt with either way.
    member.serving.catch(() => undefined);
    worker.on('message', (message: unknown) => {
      if (!isFromWorker(message)) return;
      if (message.latchkey === 'failed') fault = message.fault;
      else if (message.latchkey === 'started') {
        if (member.state === 'starting') member.state = 'serving';
        this.#pace.started();
        serve(message.started);
      } else this.#exchange(worker.id, message);
    });
    // A message to a worker that has just died.
    worker.on('error', (error) => {
      this.#log.debug({ err: error, worker: worker.process.pid }, 'a worker could not be reached');
    });
    this.#members.add(member);
    return member;
  }

  #exchange(worker: number, message: Extract<FromWorker, { latchkey: 'figures' | 'figures-wanted' }>): void {
    if (message.latchkey === 'figures') this.#figures.told(worker, message.request, message.figures);
    else void this.#figures.gather(worker, message.request, message.own);
  }

  #serving(): readonly Member[] {
    return [...this.#members].filter(({ state }) => state === 'serving');
  }

  #present(): readonly Member[] {
    return [...this.#members].filter(({ state }) => state !== 'leaving');
  }

  #ended(member: Member, how: string, fault: StartFault | undefined): void {
    const { worker, state, startedAt } = member;
    this.#members.delete(member);
    this.#figures.ended(worker.id);
    this.#handovers.ended(worker);
    if (this.#stopping || state === 'leaving') return;
    // At the start of the service that is its end, and whoever started it is told.
    if (!this.#running && state === 'starting') return;
    const reason = fault === undefined ? {} : { reason: fault.text };
    this.#log.error({ worker: worker.process.pid, how, ...reason }, 'a worker ended unasked');
    const livedMs = performance.now() - startedAt;
    const delayMs = this.#pace.ended({ served: state === 'serving', livedMs });
    if (this.#pace.hopeless && this.#serving().length === 0) {
      const text = `no worker can be started: ${fault?.text ?? how}`;
      this.#giveUp(new StartFailure({ exit: fault?.exit ?? 'refused', text }));
      return;
    }
    void this.#replaceLater(delayMs);
  }

  async #replaceLater(delayMs: number): Promise<void> {
    await pause(delayMs);
    if (!this.#stopping && this.#present().length < this.#settings.workers) this.#hire();
  }

  async #dismiss(member: Member): Promise<void> {
    member.state = 'leaving';
    member.worker.process.kill('SIGTERM');
    const kill = setTimeout(() => {
      this.#log.error({ worker: member.worker.process.pid }, 'a worker did not stop in time, and is killed');
      member.worker.process.kill('SIGKILL');
    }, this.#settings.stopTimeoutMs);
    await member.ended;
    clearTimeout(kill);
  }
}
