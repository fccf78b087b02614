/** The service under test: `latchkey server` as a process of its own, driven over its HTTP API. */
import { randomBytes } from 'node:crypto';
import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { temporaryDirectory } from '../../test/support/temp.ts';
import { serverCore, spawnOn, stopProcess } from './processes.ts';

export const account = 'bench';

export interface Service {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** The administrator's access token. */
  readonly adminToken: string;
  stop(): Promise<void>;
}

const program = fileURLToPath(new URL('../../src/main.js', import.meta.url));

/** What Node.js itself is told, for example to write a profile: `BENCH_NODE_OPTIONS=--cpu-prof`. */
const nodeOptions = (process.env['BENCH_NODE_OPTIONS'] ?? '').split(' ').filter(Boolean);

/**
 * Starts a service on an empty data folder.
 * @param settings further settings, by their environment names
 * @param core the one that it has
 */
export async function startService(
  settings: Readonly<Record<string, string>> = {},
  core: number | 'any' = serverCore,
): Promise<Service> {
  const folder = temporaryDirectory();
  const child = spawnOn(
    core === 'any' ? undefined : core,
    { program: process.execPath, args: [...nodeOptions, program, 'server'] },
    {
      env: {
        LATCHKEY_DATA: folder.path,
        LATCHKEY_PORT: '0',
        LATCHKEY_ACCOUNT: account,
        LATCHKEY_DATA_KEY: randomBytes(32).toString('base64'),
        LATCHKEY_LOG_LEVEL: 'warn',
        LATCHKEY_ACCESS_TOKEN_TTL: String(5 * 60 * 60),
        ...settings,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const stop = async (): Promise<void> => {
    await stopProcess(child, 'SIGTERM');
    folder.remove();
  };
  try {
    const url = await listeningUrl(child);
    const adminKey = readFileSync(join(folder.path, 'admin.key'), 'utf8').trim();
    const adminToken = await authenticate(url, 'admin', adminKey);
    return { url, port: Number(new URL(url).port), pid: child.pid ?? 0, adminToken, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function listeningUrl(child: ChildProcess): Promise<string> {
  const { stdout } = child;
  if (stdout === null) throw new Error('the service has no output');
  return new Promise((resolve, reject) => {
    const lines = createInterface({ input: stdout });
    lines.on('line', (line) => {
      const url = /running at (\S+)$/.exec(line)?.[1];
      if (url !== undefined) resolve(url);
    });
    lines.on('close', () => {
      reject(new Error('the service did not start'));
    });
  });
}

/**
 * One request; anything but a 2xx ends the benchmark.
 * @returns the body as text
 */
export async function call(
  url: string,
  method: string,
  init: Omit<RequestInit, 'method'> = {},
): Promise<string> {
  const response = await fetch(url, { ...init, method });
  const text = await response.text();
  if (response.ok) return text;
  throw new Error(`${method} ${new URL(url).pathname}: ${String(response.status)} ${text.slice(0, 400)}`);
}

/** @returns an access token */
export async function authenticate(url: string, login: string, apiKey: string): Promise<string> {
  return call(`${url}/authn/${account}/${encodeURIComponent(login)}/authenticate`, 'POST', { body: apiKey });
}

/** The value of the `Authorization` header that carries an access token. */
export function tokenHeader(token: string): string {
  return `Token token="${Buffer.from(token).toString('base64')}"`;
}

/** The API keys that a policy load answers, by login name. */
export type ApiKeys = ReadonlyMap<string, string>;

/** Loads a policy to root. */
export async function loadPolicy(service: Service, text: string): Promise<ApiKeys> {
  const answer = await call(`${service.url}/policies/${account}/policy/root`, 'POST', {
    headers: { authorization: tokenHeader(service.adminToken) },
    body: text,
  });
  const { created_roles: created } = JSON.parse(answer) as {
    readonly created_roles: Readonly<Record<string, { readonly api_key: string }>>;
  };
  return new Map(
    Object.entries(created).map(([role, { api_key: apiKey }]) => {
      const [, kind = '', identifier = ''] = /^[^:]*:([^:]*):(.*)$/.exec(role) ?? [];
      return [kind === 'user' ? identifier : `${kind}/${identifier}`, apiKey];
    }),
  );
}

export function secretPath(variable: string): string {
  return `/secrets/${account}/variable/${encodeURIComponent(variable)}`;
}

/** Sets values, some at a time. */
export async function setSecrets(service: Service, values: ReadonlyMap<string, string>): Promise<void> {
  await inParallel([...values], async ([variable, body]) => {
    await call(service.url + secretPath(variable), 'POST', {
      headers: { authorization: tokenHeader(service.adminToken) },
      body,
    });
  });
}

/** Does something for each item, 32 at a time, and keeps their order. */
export async function inParallel<Item, Result>(
  items: readonly Item[],
  act: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (let from = 0; from < items.length; from += 32) {
    results.push(...(await Promise.all(items.slice(from, from + 32).map(act))));
  }
  return results;
}
