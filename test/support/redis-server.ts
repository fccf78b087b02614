import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { findProgram } from './find-program.ts';
import { freePort } from './free-port.ts';
import { temporaryDirectory } from './temp.ts';

export interface RedisServer {
  readonly url: string;
  /** 0 where the server listens on a Unix socket. */
  readonly port: number;
  /** Ends the server and removes its data. */
  stop(): Promise<void>;
  /** Ends the server at once, as a crash would; its data stay. */
  kill(): Promise<void>;
  /**
   * Starts the server again on the same address and data, ending it first where it still runs.
   * @param changed what is different from then on
   */
  restart(changed?: Pick<RedisServerOptions, 'settings' | 'maxFileBytes'>): Promise<void>;
  pid(): number | undefined;
  /** Whether the process is there, even if stopped. */
  running(): boolean;
  /** Stops and continues the process, as a server that hangs. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void;
}

export interface RedisServerOptions {
  /** Listens on a Unix socket instead of a loopback port. */
  readonly unixSocket?: boolean;
  /** Settings beyond, or instead of, `appendonly yes` and no snapshots: `{ appendfsync: 'always' }`. */
  readonly settings?: Readonly<Record<string, string | readonly string[]>>;
  /** No file may grow beyond this: a disk that is full, for the append-only file. Undefined for no limit. */
  readonly maxFileBytes?: number | undefined;
  /** Runs as a sentinel, with these lines as its configuration, which it writes to; it keeps no data. */
  readonly sentinel?: readonly string[];
}

/** In which the shell counts the sizes of files. */
const blockBytes = 512;
const startTimeoutMs = 15 * 1_000;
const running = new Set<ChildProcess>();

process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/**
 * Starts a real Redis or Valkey, whichever is on the path, with an append-only file in a
 * temporary directory. It ends with this process at the latest.
 */
export async function startRedis(options: RedisServerOptions = {}): Promise<RedisServer> {
  const program = findProgram(['redis-server', 'valkey-server']);
  if (program === undefined)
    throw new Error('neither redis-server nor valkey-server is on the path: run scripts/install-redis');
  const directory = temporaryDirectory();
  const socket = join(directory.path, 'redis.sock');
  const port = options.unixSocket === true ? 0 : await freePort();
  const settings: Readonly<Record<string, string | readonly string[]>> = {
    port: String(port),
    bind: '127.0.0.1',
    dir: directory.path,
    save: '',
    appendonly: 'yes',
    ...(options.unixSocket === true ? { unixsocket: socket } : {}),
    ...options.settings,
  };
  const password = settings['requirepass']?.toString();
  const address = {
    ...(options.unixSocket === true ? { path: socket } : { host: '127.0.0.1', port }),
    password,
  };
  const commandWith = ({ settings: changed, maxFileBytes }: RedisServerOptions): readonly string[] => {
    const args =
      options.sentinel === undefined
        ? Object.entries({ ...settings, ...changed }).flatMap(([name, value]) => [
            `--${name}`,
            ...[value].flat(),
          ])
        : sentinelArgs(directory.path, port, options.sentinel);
    return maxFileBytes === undefined ? [program, ...args] : limited(maxFileBytes, [program, ...args]);
  };

  let child = await launch(commandWith(options), address);
  const kill = async (): Promise<void> => {
    await end(child);
  };
  const userinfo = password === undefined ? '' : `:${encodeURIComponent(password)}@`;
  return {
    url:
      options.unixSocket === true
        ? `redis+unix://${userinfo}${socket}`
        : `redis://${userinfo}127.0.0.1:${port}`,
    port,
    kill,
    stop: async () => {
      await kill();
      directory.remove();
    },
    restart: async (changed = {}) => {
      await kill();
      child = await launch(commandWith({ ...options, ...changed }), address);
    },
    pid: () => child.pid,
    running: () => child.exitCode === null && child.signalCode === null,
    signal: (signal) => {
      child.kill(signal);
    },
  };
}

function sentinelArgs(directory: string, port: number, lines: readonly string[]): readonly string[] {
  const file = join(directory, 'sentinel.conf');
  // A sentinel that starts again goes on from what it wrote there itself.
  if (!existsSync(file))
    writeFileSync(file, [`port ${port}`, 'bind 127.0.0.1', `dir ${directory}`, ...lines, ''].join('\n'));
  return [file, '--sentinel'];
}

/** The signal that a write beyond the limit sends would end the server; without it the write fails, as on a full disk. */
function limited(maxFileBytes: number, command: readonly string[]): readonly string[] {
  const blocks = Math.floor(maxFileBytes / blockBytes);
  return ['/bin/sh', '-c', `trap '' XFSZ; ulimit -S -f ${blocks}; exec "$0" "$@"`, ...command];
}

type Address = { readonly password: string | undefined } & (
  { readonly path: string } | { readonly host: string; readonly port: number }
);

async function launch(command: readonly string[], address: Address): Promise<ChildProcess> {
  const [program = '', ...args] = command;
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  running.add(child);
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-2_000);
  });
  const deadline = Date.now() + startTimeoutMs;
  while (!(await answers(address))) {
    if (child.exitCode !== null) throw new Error(`${program} ended at once: ${output}`);
    if (Date.now() > deadline) throw new Error(`${program} did not start in time: ${output}`);
    await pause(20);
  }
  return child;
}

async function answers(address: Address): Promise<boolean> {
  const { password, ...place } = address;
  const options = { ...place, ...(password === undefined ? {} : { password }) };
  const client = new Redis({ ...options, lazyConnect: true, retryStrategy: null, maxRetriesPerRequest: 0 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.ping();
    return true;
  } catch {
    return false;
  } finally {
    client.disconnect();
  }
}

async function end(child: ChildProcess): Promise<void> {
  running.delete(child);
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}
