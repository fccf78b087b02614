/**
 * A process of its own that puts load on a server: keep-alive connections that each send the
 * next of a list of prepared requests as soon as the last was answered. Told what to do over IPC.
 */
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { AnswerReader } from './answer-reader.ts';
import type { LoadOrder, LoadResult } from './load.ts';
import { quantile } from './statistics.ts';

const receiveBytes = 64 * 1024;

class Load {
  readonly #order: LoadOrder;
  readonly #requests: readonly Buffer[];
  readonly #latenciesMs: number[] = [];
  #next = 0;
  #open = 0;
  #failures = 0;
  #deadline = Infinity;
  #finish: (error?: Error) => void = () => undefined;

  constructor(order: LoadOrder) {
    this.#order = order;
    this.#requests = splitRequests(readFileSync(order.requestsFile));
    this.#next = order.once === true ? -1 : Math.floor(Math.random() * this.#requests.length);
  }

  async run(): Promise<LoadResult> {
    const { connections, seconds } = this.#order;
    const ready = Array.from({ length: connections }, () => this.#connect());
    const senders = await Promise.all(ready);
    const cpuBefore = process.cpuUsage();
    const startedAt = performance.now();
    const finished = new Promise<void>((resolve, reject) => {
      this.#finish = (error) => {
        if (error === undefined) resolve();
        else reject(error);
      };
    });
    this.#deadline = startedAt + seconds * 1_000;
    this.#open = connections;
    for (const send of senders) send();
    await finished;
    const elapsed = (performance.now() - startedAt) / 1_000;
    const { user, system } = process.cpuUsage(cpuBefore);
    return {
      requests: this.#latenciesMs.length,
      seconds: elapsed,
      failures: this.#failures,
      p50Ms: quantile(this.#latenciesMs, 0.5),
      p99Ms: quantile(this.#latenciesMs, 0.99),
      generatorCpuSeconds: (user + system) / 1e6,
    };
  }

  /** @returns what sends the first request of the connection */
  async #connect(): Promise<() => void> {
    const reader = new AnswerReader();
    const buffer = Buffer.allocUnsafe(receiveBytes);
    let sentAt = 0;
    const send = (socket: Socket): void => {
      const request = performance.now() < this.#deadline ? this.#take() : undefined;
      if (request === undefined) {
        this.#close(socket, reader);
        return;
      }
      sentAt = performance.now();
      socket.write(request);
    };
    return new Promise((resolve, reject) => {
      const receive = (length: number): boolean => {
        const before = reader.answers;
        reader.push(buffer.subarray(0, length));
        if (reader.answers === before) return true;
        this.#latenciesMs.push(performance.now() - sentAt);
        send(socket);
        return true;
      };
      const socket = connect({
        port: this.#order.port,
        host: '127.0.0.1',
        noDelay: true,
        onread: { buffer, callback: receive },
      });
      socket.once('connect', () => {
        resolve(() => {
          send(socket);
        });
      });
      socket.once('error', reject);
      socket.once('close', () => {
        if (this.#open > 0) this.#finish(new Error('the server closed a connection'));
      });
    });
  }

  /** Undefined once all were sent that may be sent once. */
  #take(): Buffer | undefined {
    this.#next += 1;
    if (this.#order.once !== true) this.#next %= this.#requests.length;
    return this.#requests[this.#next];
  }

  #close(socket: Socket, reader: AnswerReader): void {
    this.#failures += reader.failures;
    this.#open -= 1;
    socket.removeAllListeners('close');
    socket.destroy();
    if (this.#open === 0) this.#finish();
  }
}

/** Requests stand one after the other, each ended by a NUL, which none of them contains. */
function splitRequests(bytes: Buffer): readonly Buffer[] {
  const requests: Buffer[] = [];
  for (let start = 0; start < bytes.length;) {
    const end = bytes.indexOf(0, start);
    requests.push(bytes.subarray(start, end));
    start = end + 1;
  }
  return requests;
}

process.on('message', (order: LoadOrder) => {
  new Load(order).run().then(
    (result) => process.send?.({ result }),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});
process.once('disconnect', () => {
  process.exit();
});
