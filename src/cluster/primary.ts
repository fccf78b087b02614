/** The process that looks after the workers of a service, and serves nothing itself. */
import cluster from 'node:cluster';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Log } from '../log.ts';
import type { Started } from './messages.ts';
import { Workforce, type WorkforceSettings } from './workforce.ts';

export interface PrimarySettings extends WorkforceSettings {
  readonly host: string;
  /** 0 picks a free port, the same for all workers and for as long as the service runs. */
  readonly port: number;
}

export interface PrimaryOptions {
  readonly settings: PrimarySettings;
  /** Reads the settings anew; throws when they cannot be used. */
  readonly reload: () => PrimarySettings;
  readonly log: Log;
  /** All workers serve. */
  readonly onStarted: (started: Started) => void;
}

/**
 * Runs a service of several processes that share one port, until it is told to stop:
 * - SIGTERM or SIGINT lets every worker finish what it does; a second one ends all at once;
 * - SIGHUP is passed on to every worker;
 * - SIGUSR2 replaces them, one after the other, by ones that run what is installed and set by then.
 *
 * A worker that dies is replaced.
 *
 * @throws StartFailure the workers cannot start, or no worker can any more
 */
export async function runPrimary({ settings, reload, log, onStarted }: PrimaryOptions): Promise<void> {
  const pickedPort = settings.port === 0 ? await freePort(settings.host) : undefined;
  const args = process.argv.slice(2);
  // Of a flag that is given twice the last counts.
  const shared = pickedPort === undefined ? args : [...args, `--port=${pickedPort}`];
  // Not as JSON, which knows neither maps nor NaN.
  cluster.setupPrimary({ args: shared, serialization: 'advanced' });
  const workforce = new Workforce(settings, log);
  const stopped = stopSignal(workforce);
  const onHangUp = (): void => {
    workforce.signal('SIGHUP');
  };
  const onRenew = renewal(workforce, reload, log);
  process.on('SIGHUP', onHangUp).on('SIGUSR2', onRenew);
  try {
    const started = workforce.start().then(onStarted);
    await Promise.race([stopped, Promise.all([started, workforce.hopeless])]);
    log.info('stopping');
  } finally {
    await workforce.stop();
    process.off('SIGHUP', onHangUp).off('SIGUSR2', onRenew);
  }
  log.info('stopped');
}

/** Of several wishes to renew while that is under way, one is remembered. */
function renewal(workforce: Workforce, reload: () => PrimarySettings, log: Log): () => void {
  let wanted = false;
  let underWay = false;
  const renew = async (): Promise<void> => {
    underWay = true;
    while (wanted) {
      wanted = false;
      try {
        log.info('replacing the workers');
        await workforce.renew(reload());
        log.info('the workers are replaced');
      } catch (error) {
        log.error({ err: error }, 'the workers are not replaced, or not all; those there are go on');
      }
    }
    underWay = false;
  };
  return () => {
    wanted = true;
    if (!underWay) void renew();
  };
}

/** Settles at the first signal to stop; the second one ends everything, as it would by itself. */
async function stopSignal(workforce: Workforce): Promise<void> {
  await new Promise<void>((resolve) => {
    let asked = false;
    const onSignal = (signal: NodeJS.Signals): void => {
      if (!asked) {
        asked = true;
        resolve();
        return;
      }
      workforce.kill();
      process.off('SIGTERM', onSignal).off('SIGINT', onSignal);
      process.kill(process.pid, signal);
    };
    process.on('SIGTERM', onSignal).on('SIGINT', onSignal);
  });
}

/**
 * Workers that asked for any free port themselves would get another one after all of them had
 * died at the same time.
 */
async function freePort(host: string): Promise<number> {
  const server = createServer().listen(0, host);
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}
