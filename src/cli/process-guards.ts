/** What the process of a service does, and does not do, whatever happens within it. */
import type { Log } from '../log.ts';
import { exits } from './exit-codes.ts';

/**
 * Ends the process (70) at a fault that nobody caught, with a line in the log that says where it
 * arose but not its message, which may quote anything: Node.js would print the whole error, with what
 * libraries hang on it. Takes SIGUSR1, which would open Node's debugger to every process of this user.
 */
export function guardProcess(log: Pick<Log, 'fatal' | 'warn'>): void {
  process.on('uncaughtException', (error: unknown, origin) => {
    log.fatal({ origin, fault: faultOf(error) }, 'the service ends because of a fault of its own');
    process.exit(exits.fault.code);
  });
  process.on('SIGUSR1', () => {
    log.warn('SIGUSR1 was received; the debugger of Node.js stays closed');
  });
}

/** The type, code and place of an error, and those of its causes. */
function faultOf(error: unknown, depth = 0): object {
  if (!(error instanceof Error)) return { type: typeof error };
  const code = 'code' in error && typeof error.code === 'string' ? { error_code: error.code } : {};
  const cause = error.cause === undefined || depth > 4 ? {} : { cause: faultOf(error.cause, depth + 1) };
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return { type: error.name, ...code, at: frames.map((frame) => frame.trim()), ...cause };
}
