/** Runs `latchkey server` as a process of its own, as a user would. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { collectFile, planted } from './planted/planted.ts';
import { testAccount, testDataKey } from './service.ts';

export interface ServerProcess {
  readonly url: string;
  readonly account: string;
  readonly process: ChildProcess;
  /** What it wrote to standard error so far. */
  errors(): string;
  /** What it wrote to standard output so far. */
  output(): string;
  /** Asks it to stop, and answers its exit code. */
  stop(): Promise<number | null>;
  /** Kills it at once; as a group, with its workers. */
  kill(): Promise<void>;
}

const program = fileURLToPath(new URL('../../src/main.js', import.meta.url));

/**
 * @param env settings by their environment names; the port is free, the account and data key those of the tests
 * @param options `group` puts it and its workers into a process group of their own
 */
export async function startServerProcess(
  env: Readonly<Record<string, string>>,
  { group = false }: { readonly group?: boolean } = {},
): Promise<ServerProcess> {
  const child = spawn(process.execPath, [program, 'server'], {
    env: {
      PATH: process.env['PATH'] ?? '',
      LATCHKEY_PORT: '0',
      LATCHKEY_ACCOUNT: testAccount,
      LATCHKEY_DATA_KEY: testDataKey,
      LATCHKEY_LOG_LEVEL: 'warn',
      LATCHKEY_DRAIN_SECONDS: '2',
      LATCHKEY_DRAIN_IDLE_SECONDS: '0',
      // However slow the machine, what a test asks for is done.
      LATCHKEY_MAX_QUEUE_DELAY: '10000',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: group,
  });
  const exited = once(child, 'exit').then(([code]) => {
    planted.collect(errors, 'the standard error of a service');
    collectFile(env['LATCHKEY_AUDIT_FILE'] ?? join(env['LATCHKEY_DATA'] ?? '', 'audit.log'));
    return code as number | null;
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const url = await listeningUrl(child);
  if (url === undefined) throw new Error(`the server ended with ${String(await exited)}: ${errors}`);
  return {
    url,
    account: env['LATCHKEY_ACCOUNT'] ?? testAccount,
    process: child,
    errors: () => errors,
    output: () => output,
    stop: async () => {
      child.kill('SIGTERM');
      return exited;
    },
    kill: async () => {
      if (group && child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
        process.kill(-child.pid, 'SIGKILL');
      } else child.kill('SIGKILL');
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
