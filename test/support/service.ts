/** Starts the real service in this process, on its own data folder and a free port. */
import { join } from 'node:path';
import { readFile } from 'node:fs/promises';
import { startService, type RunningService } from '../../src/app.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { Config } from '../../src/config/options.ts';
import { createLog, type Log } from '../../src/log.ts';
import { collectedLog, collectFile, planted } from './planted/planted.ts';
import { temporaryDirectory } from './temp.ts';

export interface TestService {
  readonly url: string;
  readonly account: string;
  readonly folder: string;
  readonly config: Config;
  /** The administrator's API key. */
  readonly adminKey: string;
  readonly auditFile: string;
  /** Every audit record so far, a line each. */
  auditLines(): Promise<readonly string[]>;
  stop(): Promise<void>;
}

export const testAccount = 'acct';
export const testDataKey = Buffer.alloc(32, 7).toString('base64');

/**
 * @param env further settings, by their environment names
 * @param log where it writes, by default where the run looks for secrets
 */
export async function startTestService(
  env: Readonly<Record<string, string>> = {},
  log: Log = createLog('debug', collectedLog),
): Promise<TestService> {
  const directory = temporaryDirectory();
  const { config } = loadConfig({
    argv: [],
    env: {
      LATCHKEY_DATA: directory.path,
      LATCHKEY_PORT: '0',
      LATCHKEY_ACCOUNT: testAccount,
      LATCHKEY_DATA_KEY: testDataKey,
      LATCHKEY_LOG_LEVEL: 'silent',
      LATCHKEY_DRAIN_SECONDS: '1',
      LATCHKEY_DRAIN_IDLE_SECONDS: '0',
      // However slow the machine, what a test asks for is done.
      LATCHKEY_MAX_QUEUE_DELAY: '10000',
      ...env,
    },
    readFile: () => '',
  });
  let service: RunningService;
  try {
    service = await startService(config, log);
  } catch (error) {
    directory.remove();
    throw error;
  }
  const adminKey = (await readFile(config.adminKeyFile, 'utf8').catch(() => '')).trim();
  planted.plant(adminKey, "the administrator's API key");
  return {
    url: service.url,
    account: config.account,
    folder: directory.path,
    config,
    adminKey,
    auditFile: join(directory.path, 'audit.log'),
    auditLines: async () => (await readFile(config.auditFile, 'utf8')).split('\n').filter(Boolean),
    stop: async () => {
      await service.close();
      collectFile(config.auditFile);
      directory.remove();
    },
  };
}
