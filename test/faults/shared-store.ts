/** Two service processes on one store, and requests to both of them while something happens to it. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import {
  load,
  secretPath,
  sessionOf,
  setSecret,
  signIn,
  type Answer,
  type Session,
} from '../support/client.ts';
import { SecretReads } from '../support/history/audit.ts';
import { History, seenSecret, seenStatus } from '../support/history/history.ts';
import { isConnectionLost } from '../support/history/outcome.ts';
import { startServerProcess, type ServerProcess } from '../support/server-process.ts';
import { startTestService, type TestService } from '../support/service.ts';

const variables = ['x', 'y', 'z'];
const pauseAfterFailureMs = 20;
const pauseBetweenMs = 2;

/** What is kept of all that was answered, and compared in the end. */
export class SharedStore {
  readonly history = new History();
  readonly #reads = new SecretReads();
  readonly #here: TestService;
  readonly #there: ServerProcess;
  readonly #admins: readonly Session[];
  readonly #readers: readonly Session[];
  readonly #failures: string[] = [];
  #sent = 0;
  #unavailable = 0;
  #pairs = 0;

  private constructor(here: TestService, there: ServerProcess, sessions: readonly [Session[], Session[]]) {
    this.#here = here;
    this.#there = there;
    [this.#admins, this.#readers] = sessions;
  }

  /** @param env names the store: `LATCHKEY_STORE` */
  static async start(env: Readonly<Record<string, string>>): Promise<SharedStore> {
    const here = await startTestService(env);
    const there = await startServerProcess({ ...env, LATCHKEY_DATA: here.folder });
    const other: TestService = { ...here, url: there.url };
    const admin = await signIn(here);
    const { created_roles: created } = await load(
      admin,
      ['- !user reader', ...variables.map((name) => `- !variable ${name}`), permit].join('\n'),
    );
    // A sign-in at the other process: it, too, knows the user that was just made.
    const reader = await signIn(other, 'reader', created[`${here.account}:user:reader`]?.api_key);
    const world = new SharedStore(here, there, [
      [admin, sessionOf(other, admin.token)],
      [sessionOf(here, reader.token), reader],
    ]);
    for (const name of variables) {
      await setSecret(admin, name, 'first');
      world.history.initially(`secret:${name}`, 'first');
    }
    world.history.initially('may-read', true);
    return world;
  }

  async stop(): Promise<void> {
    await this.#there.stop();
    await this.#here.stop();
  }

  /** How many answers were 503. */
  get unavailable(): number {
    return this.#unavailable;
  }

  /** Sends reads and writes to both processes until the fault is over, and some time before and after it. */
  async during(fault: () => Promise<void>): Promise<void> {
    let running = true;
    const repeat = async (
      step: (turn: number) => Promise<Answer | undefined>,
      first: number,
    ): Promise<void> => {
      for (let turn = first; running; turn += 1) {
        const answer = await step(turn);
        await pause(answer !== undefined && answer.status < 500 ? pauseBetweenMs : pauseAfterFailureMs);
      }
    };
    const steps = [
      (turn: number) => this.#setSecret(turn),
      (turn: number) => this.#changePermission(turn),
      (turn: number) => this.#loadPair(turn),
      (turn: number) => this.#readSecret(turn),
      (turn: number) => this.#readSecret(turn),
      (turn: number) => this.#readAsReader(turn),
    ];
    const loops = steps.map((step, index) => repeat(step, index));
    const settled = Promise.all(loops);
    const some = async (): Promise<void> => {
      const enough = this.#sent + 200;
      while (this.#sent < enough) await Promise.race([settled, pause(5)]);
    };
    try {
      await some();
      await fault();
      await this.serving();
      await some();
    } finally {
      running = false;
      await settled;
    }
  }

  /** Settles when both processes read and write again, without a restart. */
  async serving(): Promise<void> {
    for (const turn of [0, 1]) {
      while ((await this.#setSecret(turn))?.status !== 201) await pause(pauseAfterFailureMs);
      while ((await this.#readSecret(turn))?.status !== 200) await pause(pauseAfterFailureMs);
    }
  }

  /** Grants or denies the reader its privilege, at one of the processes, and insists that it was acknowledged. */
  async permit(at: number, allow: boolean): Promise<void> {
    const answer = await this.#write('may-read', allow, this.#admins[at]!, allow ? permit : deny);
    assert.equal(answer?.status, 201);
  }

  /** Whether the reader may read, at each of the processes. */
  async mayRead(): Promise<readonly boolean[]> {
    const answers = await Promise.all(
      this.#readers.map((reader) => this.#send(reader, 'GET', secretPath(reader.service, 'x'))),
    );
    return answers.map(({ status }) => {
      assert.ok(status === 200 || status === 404, String(status));
      return status === 200;
    });
  }

  /** Sends that many requests at once, half of them writes, to both processes. How often each status was answered. */
  async flood(count: number): Promise<ReadonlyMap<number, number>> {
    const statuses = new Map<number, number>();
    const requests = Array.from({ length: count }, async (_, index) => {
      // All wait at once, but do not connect at once.
      await pause(index);
      const answer = index % 4 < 2 ? await this.#readSecret(index) : await this.#setSecret(index);
      const status = answer?.status ?? 0;
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    });
    await Promise.all(requests);
    assert.deepEqual(this.#failures, []);
    return statuses;
  }

  /** The memory of the process that is not this one. */
  residentBytes(): number {
    const status = readFileSync(`/proc/${this.#there.process.pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * 1_024;
  }

  /** Compares all answers with what was acknowledged, and the audit records with what was handed out. */
  async verify(): Promise<void> {
    // Nothing is under way any more, and the store has answered each process since.
    this.history.settle();
    for (const turn of [0, 1]) {
      for (const name of variables) await this.#readSecret(turn, name);
      await this.#readAsReader(turn);
      await this.#readPairs(turn);
    }
    assert.deepEqual(this.#failures, []);
    assert.deepEqual(this.history.check(), []);
    assert.deepEqual(await this.#reads.unaudited([this.#here.auditFile]), []);
  }

  #setSecret(turn: number): Promise<Answer | undefined> {
    const name = variables[turn % variables.length] ?? '';
    const admin = this.#admins[turn % 2]!;
    const value = `${name} ${turn} ${this.#sent}`;
    return this.history.write(`secret:${name}`, value, () =>
      this.#send(admin, 'POST', secretPath(admin.service, name), value),
    );
  }

  #changePermission(turn: number): Promise<Answer | undefined> {
    const allow = turn % 4 < 2;
    return this.#write('may-read', allow, this.#admins[turn % 2]!, allow ? permit : deny);
  }

  /** Two variables that one load makes: whoever sees one sees the other. */
  #loadPair(turn: number): Promise<Answer | undefined> {
    const pair = this.#pairs;
    this.#pairs += 1;
    const text = `- !variable pair/${pair}/a\n- !variable pair/${pair}/b`;
    return this.#write(`pair:${pair}`, 2, this.#admins[turn % 2]!, text);
  }

  #write(
    register: string,
    value: number | boolean,
    admin: Session,
    text: string,
  ): Promise<Answer | undefined> {
    const path = `/policies/${this.#here.account}/policy/root`;
    return this.history.write(register, value, () => this.#send(admin, 'PATCH', path, text));
  }

  async #readSecret(
    turn: number,
    name = variables[turn % variables.length] ?? '',
  ): Promise<Answer | undefined> {
    const admin = this.#admins[turn % 2]!;
    let answer: Answer | undefined;
    await this.history.read(`secret:${name}`, async () => {
      answer = await this.#send(admin, 'GET', secretPath(admin.service, name));
      this.#reads.answered(answer, `${this.#here.account}:variable:${name}`);
      return seenSecret(answer);
    });
    return answer;
  }

  async #readAsReader(turn: number): Promise<Answer | undefined> {
    const reader = this.#readers[turn % 2]!;
    let answer: Answer | undefined;
    await this.history.read('may-read', async () => {
      answer = await this.#send(reader, 'GET', secretPath(reader.service, 'x'));
      this.#reads.answered(answer, `${this.#here.account}:variable:x`);
      return seenStatus(answer, { 200: true, 404: false });
    });
    return answer;
  }

  async #readPairs(turn: number): Promise<void> {
    const admin = this.#admins[turn % 2]!;
    const all = await admin.send('GET', `/resources/${this.#here.account}/variable`);
    assert.equal(all.status, 200);
    const ids = new Set((all.json() as readonly { readonly id: string }[]).map(({ id }) => id));
    for (let pair = 0; pair < this.#pairs; pair += 1) {
      const found = ['a', 'b'].filter((half) =>
        ids.has(`${this.#here.account}:variable:pair/${pair}/${half}`),
      ).length;
      await this.history.read(`pair:${pair}`, async () => (found === 0 ? undefined : found));
    }
  }

  async #send(session: Session, method: string, path: string, body?: string): Promise<Answer> {
    this.#sent += 1;
    try {
      const answer = await session.send(method, path, body);
      if (answer.status === 503) {
        this.#unavailable += 1;
        if (!answer.headers.has('retry-after'))
          this.#failures.push(`${method} ${path}: 503 without Retry-After`);
      } else if (answer.status >= 500 || answer.status === 401) {
        this.#failures.push(`${method} ${path}: ${answer.status} ${answer.text}`);
      }
      return answer;
    } catch (error) {
      if (isConnectionLost(error)) this.#failures.push(`${method} ${path}: no answer, ${reasonOf(error)}`);
      throw error;
    }
  }
}

/** Of what `fetch` failed by, which says itself only that it failed. */
function reasonOf(error: unknown): string {
  return String(error instanceof Error && error.cause !== undefined ? error.cause : error);
}

const permit = '- !permit { role: !user reader, privileges: [ read, execute ], resource: !variable x }';
const deny = '- !deny { role: !user reader, privileges: [ read, execute ], resource: !variable x }';
