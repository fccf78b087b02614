/** Runs `latchkey server` as a process of its own, as a user would. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { testAccount, testDataKey } from './service.ts';

export interface ServerProcess {
  readonly url: string;
  readonly account: string;
  readonly process: ChildProcess;
  /** What it wrote to standard error so far. */
  errors(): string;
  /** Asks it to stop, and answers its exit code. */
  stop(): Promise<number | null>;
  /** Kills it at once. */
  kill(): Promise<void>;
}

const program = fileURLToPath(new URL('../../src/main.js', import.meta.url));

/**
 * @param env settings by their environment names; the port is free, the account and data key those of the tests
 */
export async function startServerProcess(env: Readonly<Record<string, string>>): Promise<ServerProcess> {
  const child = spawn(process.execPath, [program, 'server'], {
    env: {
      PATH: process.env['PATH'] ?? '',
      LATCHKEY_PORT: '0',
      LATCHKEY_ACCOUNT: testAccount,
      LATCHKEY_DATA_KEY: testDataKey,
      LATCHKEY_LOG_LEVEL: 'warn',
      LATCHKEY_DRAIN_SECONDS: '2',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const url = await listeningUrl(child);
  if (url === undefined) throw new Error(`the server ended with ${String(await exited)}: ${errors}`);
  return {
    url,
    account: env['LATCHKEY_ACCOUNT'] ?? testAccount,
    process: child,
    errors: () => errors,
    stop: async () => {
      child.kill('SIGTERM');
      return exited;
    },
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

async function listeningUrl(child: ChildProcess): Promise<string | undefined> {
  if (child.stdout === null) return undefined;
  const lines = createInterface({ input: child.stdout });
  return new Promise((resolve) => {
    lines.on('line', (line) => {
      const url = /running at (\S+)$/.exec(line)?.[1];
      if (url !== undefined) resolve(url);
    });
    lines.on('close', () => {
      resolve(undefined);
    });
  });
}
