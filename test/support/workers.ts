/** A service of several processes on one port, and clients of it. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { load, setSecret, signIn, tokenHeader, type Session } from './client.ts';
import { History, seenSecret } from './history/history.ts';
import { KeepAliveClient, type KeptAnswer } from './keep-alive-client.ts';
import { startRedis } from './redis-server.ts';
import { startServerProcess, type ServerProcess } from './server-process.ts';
import { temporaryDirectory } from './temp.ts';

export interface WorkersStage {
  readonly folder: string;
  readonly auditFile: string;
  /** For another process on the same store. */
  readonly storeEnvironment: Readonly<Record<string, string>>;
  /** From the first start on; of the newest one. */
  readonly server: ServerProcess;
  /** Starts the service on the stage's store and folder; also again, after it ended. */
  start(env?: Readonly<Record<string, string>>): Promise<ServerProcess>;
  /** The administrator, with a new token. */
  admin(): Promise<Session>;
  /** Stops what still runs, and removes everything. */
  close(): Promise<void>;
}

/** Two workers by default. */
export async function workersStage(store: 'LMDB' | 'Redis'): Promise<WorkersStage> {
  const directory = temporaryDirectory();
  const redis = store === 'Redis' ? await startRedis() : undefined;
  let server: ServerProcess | undefined;
  const running = (): ServerProcess => {
    assert.ok(server !== undefined);
    return server;
  };
  const storeEnvironment = {
    LATCHKEY_DATA: directory.path,
    ...(redis === undefined ? {} : { LATCHKEY_STORE: redis.url }),
  };
  return {
    folder: directory.path,
    storeEnvironment,
    auditFile: join(directory.path, 'audit.log'),
    get server() {
      return running();
    },
    start: async (env = {}) => {
      const settings = {
        ...storeEnvironment,
        LATCHKEY_WORKERS: '2',
        LATCHKEY_LOG_LEVEL: 'info',
        ...env,
      };
      server = await startServerProcess(settings, { group: true });
      return server;
    },
    admin: () => {
      const adminKey = readFileSync(join(directory.path, 'admin.key'), 'utf8').trim();
      const { url, account } = running();
      return signIn({ url, account, adminKey } as unknown as Session['service']);
    },
    close: async () => {
      await server?.kill();
      await redis?.stop();
      directory.remove();
    },
  };
}

/** The processes that said that they listen, in the order in which they did. */
export function listeningPids(server: ServerProcess): readonly number[] {
  return logLines(server)
    .filter(({ msg }) => msg === 'listening')
    .map(({ pid }) => pid);
}

/** Whether a line of the log has this message. */
export function hasLogged(server: ServerProcess, message: string): boolean {
  return logLines(server).some(({ msg }) => msg === message);
}

function logLines(server: ServerProcess): readonly { readonly msg: string; readonly pid: number }[] {
  return server
    .errors()
    .split('\n')
    .filter((line) => line.startsWith('{') && line.endsWith('}'))
    .map((line) => JSON.parse(line) as { msg: string; pid: number });
}

/** Whether a process is there, also as one that was not waited for. */
export function lives(pid: number): boolean {
  return existsSync(`/proc/${pid}`) && !/^State:\s+Z/m.test(statusOf(pid));
}

function statusOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return 'State: Z';
  }
}

/** Waits for a condition; the time limit of the test ends the wait. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await pause(20);
}

export interface Load {
  /** How many requests were answered as they should be. */
  answered(): number;
  /** Stops, and answers what went wrong: a line for each request. */
  end(): Promise<readonly string[]>;
}

const thinkTimeMs = 10;

/**
 * Keeps clients busy, each with a connection of its own, with fetches of a secret and sign-ins.
 * @param urls of the same service; a client changes over where it is told that the connection ends, as a balancer would
 */
export function startLoad(urls: readonly string[], session: Session, clients: number): Load {
  const { account, adminKey } = session.service;
  const failures: string[] = [];
  let answered = 0;
  let ended = false;
  const run = async (number: number): Promise<void> => {
    const client = new KeepAliveClient();
    let place = number;
    for (let turn = 0; !ended; turn += 1) {
      const url = urls[place % urls.length] ?? '';
      try {
        const answer =
          turn % 4 === 0
            ? await client.send(`${url}/authn/${account}/admin/authenticate`, 'POST', { body: adminKey })
            : await fetchLoaded(client, url, session);
        if (answer.status === 200) answered += 1;
        else failures.push(`${url}: ${answer.status}`);
        if (answer.headers.connection === 'close') place += 1;
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        // Never sent: it is to be had at the other address.
        if (code === 'ECONNREFUSED' && urls.length > 1) place += 1;
        else failures.push(`${url}: ${code ?? String(error)}`);
      }
      await pause(thinkTimeMs);
    }
    client.close();
  };
  const running = Promise.all(Array.from({ length: clients }, (_, number) => run(number)));
  return {
    answered: () => answered,
    end: async () => {
      ended = true;
      await running;
      return failures;
    },
  };
}

const loadedVariable = 'loaded';

async function fetchLoaded(client: KeepAliveClient, url: string, session: Session): Promise<KeptAnswer> {
  return client.send(`${url}/secrets/${session.service.account}/variable/${loadedVariable}`, 'GET', {
    headers: tokenHeader(session.token),
  });
}

/** Makes what {@link startLoad} asks for. */
export async function prepareLoad(session: Session): Promise<void> {
  await load(session, `- !variable ${loadedVariable}`);
  await setSecret(session, loadedVariable, 'a value');
}

/** Writers and readers, and all that they were told. */
export interface Busy {
  readonly history: History;
  end(): Promise<void>;
  /** Reads everything that was written, once what was sent can have no effect any more. */
  readBack(session: Session): Promise<void>;
}

const writers = 6;

/** Makes what {@link startBusy} writes to. */
export async function prepareBusy(session: Session): Promise<void> {
  await load(
    session,
    Array.from({ length: writers }, (_, writer) => `- !variable ${nameOf(writer)}`).join('\n'),
  );
}

function nameOf(writer: number): string {
  return `history-${writer}`;
}

/**
 * Keeps writers and readers busy, for faults to come in between: values of variables, and policy loads
 * of which each makes two variables. Each request has a connection of its own.
 */
export function startBusy(session: Session): Busy {
  const { url, account } = session.service;
  const history = new History();
  const pairs: string[] = [];
  let ended = false;
  const run = async (writer: number): Promise<void> => {
    const path = `${url}/secrets/${account}/variable/${nameOf(writer)}`;
    const headers = tokenHeader(session.token);
    for (let turn = 0; !ended; turn += 1) {
      const client = new KeepAliveClient();
      const value = `${writer}-${turn}`;
      await history.write(nameOf(writer), value, () => client.send(path, 'POST', { headers, body: value }));
      if (turn % 3 === 0) {
        pairs.push(value);
        const body = `- !variable pairs/${value}/a\n- !variable pairs/${value}/b\n`;
        const policy = `${url}/policies/${account}/policy/root`;
        await history.write(`pair ${value}`, true, () => client.send(policy, 'POST', { headers, body }));
      }
      await history.read(nameOf(writer), async () => seenSecret(await client.send(path, 'GET', { headers })));
      client.close();
      await pause(1);
    }
  };
  const running = Promise.all(Array.from({ length: writers }, (_, writer) => run(writer)));
  return {
    history,
    end: async () => {
      ended = true;
      await running;
    },
    readBack: async (reader) => {
      history.settle();
      for (let writer = 0; writer < writers; writer += 1) {
        const path = `/secrets/${account}/variable/${nameOf(writer)}`;
        await history.read(nameOf(writer), async () => seenSecret(await reader.send('GET', path)));
      }
      const answer = await reader.send('GET', `/resources/${account}/variable`);
      const there = new Set((answer.json() as { id: string }[]).map(({ id }) => id));
      for (const value of pairs) {
        const halves = ['a', 'b'].filter((half) => there.has(`${account}:variable:pairs/${value}/${half}`));
        assert.notEqual(halves.length, 1, `half of ${value} is there`);
        await history.read(`pair ${value}`, async () => (halves.length === 2 ? true : undefined));
      }
    },
  };
}
