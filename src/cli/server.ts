/** `latchkey server`: runs the service until it is told to stop, in one process or in several. */
import type { RunningService } from '../app.ts';
import type { Started } from '../cluster/messages.ts';
import { exchangeFigures, isWorker, primaryGone, reportStarted, takeLeave } from '../cluster/worker.ts';
import type { Loaded } from '../config/load.ts';
import type { Config } from '../config/options.ts';
import { createLog, type Log } from '../log.ts';
import { guardProcess } from './process-guards.ts';

/**
 * Starts the service, prints where it is (and, at the first start, what to do next), and
 * returns once SIGTERM or SIGINT has stopped it. SIGHUP opens the audit file anew, and reads certificate and key anew.
 * Where several processes are wanted, this one only looks after them; SIGUSR2 replaces them.
 * @param reload reads the settings anew
 * @throws LatchkeyError whatever kept it from starting
 * @throws StartFailure whatever kept its workers from starting
 */
export async function runServer({ config, warnings }: Loaded, reload: () => Loaded): Promise<void> {
  const log = createLog(config.logLevel);
  guardProcess(log);
  if (isWorker()) {
    await serveAsWorker(config, log);
    return;
  }
  for (const warning of warnings) log.warn(warning);
  if (config.workers === 1) await serveAlone(config, log);
  else await serveByWorkers(config, log, reload);
}

async function serveAlone(config: Config, log: Log): Promise<void> {
  const service = await startHere(config, log);
  process.on('SIGHUP', () => {
    void service.reload();
  });
  process.on('SIGUSR2', () => {
    log.warn('SIGUSR2 replaces workers, and needs --workers of 2 or more');
  });
  const stopped = stopSignal('SIGTERM', 'SIGINT');
  // Not before: whoever hears of it may send a signal at once, and without a listener that would end the process.
  announce(config, service);
  await stopped;
  log.info('stopping');
  await service.close();
  log.info('stopped');
}

async function serveAsWorker(config: Config, log: Log): Promise<void> {
  // A terminal sends it to all processes; what it means is the primary's business.
  process.on('SIGINT', () => undefined);
  const service = await startHere(config, log);
  process.on('SIGHUP', () => {
    void service.reload();
  });
  const stopped = Promise.race([stopSignal('SIGTERM'), primaryGone()]);
  const { url, adminKeyFile, selfSigned } = service;
  reportStarted({ url, adminKeyFile, selfSigned });
  await stopped;
  log.info('stopping');
  await service.close();
  log.info('stopped');
  await takeLeave(await service.figures());
}

async function serveByWorkers(config: Config, log: Log, reload: () => Loaded): Promise<void> {
  const { runPrimary } = await import('../cluster/primary.ts');
  await runPrimary({
    settings: primarySettings(config),
    reload: () => {
      const again = reload();
      for (const warning of again.warnings) log.warn(warning);
      return primarySettings(again.config);
    },
    log,
    onStarted: (started) => {
      announce(config, started);
    },
  });
}

/** What closing takes besides its waits: writing what is pending, letting go of the store. */
const closingMs = 15 * 1_000;

function primarySettings({ host, port, workers, drainSeconds, drainIdleSeconds }: Config) {
  const stopTimeoutMs = Math.max(drainSeconds, drainIdleSeconds) * 1_000 + closingMs;
  return { host, port, workers, stopTimeoutMs };
}

async function startHere(config: Config, log: Log): Promise<RunningService> {
  // A process that only looks after others needs none of it.
  const { startService } = await import('../app.ts');
  const service = await startService(config, log, isWorker() ? { exchangeFigures } : {});
  log.info({ url: service.url, store: config.store.driver, account: config.account }, 'listening');
  return service;
}

function announce(config: Config, started: Started): void {
  process.stdout.write(`Latchkey is running at ${started.url}\n`);
  if (started.selfSigned !== undefined) {
    const { path, fingerprint } = started.selfSigned;
    process.stdout.write(`Clients trust its certificate by ${path}\n  SHA-256 ${fingerprint}\n`);
  }
  if (started.adminKeyFile !== undefined)
    process.stdout.write(firstSteps(config, started, started.adminKeyFile));
}

function firstSteps(config: Config, { url, selfSigned }: Started, adminKeyFile: string): string {
  const trust = selfSigned === undefined ? '' : ` --ca-cert ${selfSigned.path}`;
  return `
The account '${config.account}' was made. Its administrator's API key is in ${adminKeyFile}.
The data key is in ${config.dataKeyFile}: keep a copy elsewhere; without it nothing in the store can be read.

What to do next, in another terminal:
  latchkey init -u ${url} -a ${config.account}${trust}
  latchkey login -i admin --password-stdin < ${adminKeyFile}
  latchkey policy load -b root -f policies/the-application.yml
`;
}

async function stopSignal(...signals: readonly NodeJS.Signals[]): Promise<void> {
  await new Promise<void>((resolve) => {
    for (const signal of signals) {
      process.once(signal, () => {
        resolve();
      });
    }
  });
}
