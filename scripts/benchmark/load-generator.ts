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
  #answers = 0;
  #failures = 0;
  #refusals = 0;
  #deadline = Infinity;
  /** Of an open loop: connections that wait for a request, and when requests were due that wait for one. */
  readonly #idle: ((dueAt: number) => void)[] = [];
  readonly #due: number[] = [];
  #finish: (error?: Error) => void = () => undefined;

  constructor(order: LoadOrder) {
    this.#order = order;
    this.#requests = splitRequests(readFileSync(order.requestsFile));
    this.#next = order.once === true ? -1 : Math.floor(Math.random() * this.#requests.length);
  }

  async run(): Promise<LoadResult> {
    const { connections, seconds, perSecond } = this.#order;
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
    if (perSecond === undefined) for (const send of senders) send(startedAt);
    else this.#pace(senders, startedAt, perSecond);
    await finished;
    const elapsed = (performance.now() - startedAt) / 1_000;
    const { user, system } = process.cpuUsage(cpuBefore);
    return {
      requests: this.#answers,
      seconds: elapsed,
      failures: this.#failures,
      refusals: this.#refusals,
      p50Ms: quantile(this.#latenciesMs, 0.5),
      p99Ms: quantile(this.#latenciesMs, 0.99),
      generatorCpuSeconds: (user + system) / 1e6,
    };
  }

  /** Sends requests at a rate until the deadline. */
  #pace(senders: readonly ((dueAt: number) => void)[], startedAt: number, perSecond: number): void {
    this.#idle.push(...senders);
    let sent = 0;
    const timer = setInterval(() => {
      const now = performance.now();
      for (; now < this.#deadline && sent < ((now - startedAt) / 1_000) * perSecond; sent += 1) {
        this.#due.push(startedAt + (sent / perSecond) * 1_000);
      }
      while (this.#idle.length > 0 && this.#due.length > 0) this.#idle.pop()?.(this.#due.shift() ?? now);
      if (now < this.#deadline) return;
      clearInterval(timer);
      this.#due.length = 0;
      for (const close of this.#idle.splice(0)) close(now);
    }, 1);
  }

  /** @returns what sends the next request of the connection, told when it was due, or closes it after the deadline */
  async #connect(): Promise<(dueAt: number) => void> {
    const reader = new AnswerReader();
    const buffer = Buffer.allocUnsafe(receiveBytes);
    let sentAt = 0;
    const send = (socket: Socket, dueAt: number): void => {
      const request = performance.now() < this.#deadline ? this.#take() : undefined;
      if (request === undefined) {
        this.#close(socket, reader);
        return;
      }
      sentAt = dueAt;
      socket.write(request);
    };
    const goOn = (socket: Socket): void => {
      const now = performance.now();
      if (this.#order.perSecond === undefined || now >= this.#deadline) {
        send(socket, now);
        return;
      }
      const dueAt = this.#due.shift();
      if (dueAt === undefined) {
        this.#idle.push((due) => {
          send(socket, due);
        });
      } else send(socket, dueAt);
    };
    return new Promise((resolve, reject) => {
      const receive = (length: number): boolean => {
        const { answers, failures } = reader;
        reader.push(buffer.subarray(0, length));
        if (reader.answers === answers) return true;
        this.#answers += 1;
        if (reader.failures === failures) this.#latenciesMs.push(performance.now() - sentAt);
        goOn(socket);
        return true;
      };
      const socket = connect({
        port: this.#order.port,
        host: '127.0.0.1',
        noDelay: true,
        onread: { buffer, callback: receive },
      });
      socket.once('connect', () => {
        resolve((dueAt) => {
          send(socket, dueAt);
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
    this.#refusals += reader.refusals;
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
