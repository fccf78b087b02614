import { setImmediate as nextTurn } from 'node:timers/promises';
import { LatchkeyError } from '../errors.ts';

const usualAttempts = 20;

/**
 * Repeats what reads an account and commits on condition that it is still the same, until it does.
 * @param attempt answers undefined where it lost the race
 * @throws LatchkeyError `STORE_BUSY`: it lost every time
 */
export async function untilCommitted<T>(
  attempt: () => Promise<T | undefined>,
  maxAttempts = usualAttempts,
): Promise<T> {
  for (let attempts = 0; attempts < maxAttempts; attempts += 1) {
    const done = await attempt();
    if (done !== undefined) return done;
    // Whoever was faster may have more to do in this turn.
    await nextTurn();
  }
  throw new LatchkeyError('STORE_BUSY');
}
