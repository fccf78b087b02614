/** `latchkey server`: runs the service until it is told to stop. */
import { startService } from '../app.ts';
import type { Config } from '../config/options.ts';
import { createLog } from '../log.ts';

/**
 * Starts the service, prints where it is (and, at the first start, what to do next), and
 * returns once SIGTERM or SIGINT has stopped it. SIGHUP opens the audit file anew.
 * @throws LatchkeyError whatever kept it from starting
 */
export async function runServer(config: Config, warnings: readonly string[]): Promise<void> {
  const log = createLog(config.logLevel);
  for (const warning of warnings) log.warn(warning);
  const service = await startService(config, log);
  log.info({ url: service.url, store: config.store.driver, account: config.account }, 'listening');
  process.stdout.write(`Latchkey is running at ${service.url}\n`);
  if (service.adminKeyFile !== undefined)
    process.stdout.write(firstSteps(config, service.url, service.adminKeyFile));
  process.on('SIGHUP', () => {
    service.reopenAudit().catch((error: unknown) => {
      log.error({ err: error }, 'the audit file could not be opened anew');
    });
  });
  await stopSignal();
  log.info('stopping');
  await service.close();
  log.info('stopped');
}

function firstSteps(config: Config, url: string, adminKeyFile: string): string {
  return `
The account '${config.account}' was made. Its administrator's API key is in ${adminKeyFile}.
The data key is in ${config.dataKeyFile}: keep a copy elsewhere; without it nothing in the store can be read.

What to do next, in another terminal:
  latchkey init -u ${url} -a ${config.account}
  latchkey login -i admin --password-stdin < ${adminKeyFile}
  latchkey policy load -b root -f policies/the-application.yml
`;
}

async function stopSignal(): Promise<void> {
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.once(signal, () => {
        resolve();
      });
    }
  });
}
