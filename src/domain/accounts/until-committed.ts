import { setImmediate as nextTurn } from 'node:timers/promises';
import { LatchkeyError } from '../errors.ts';
import { newLine } from './line.ts';

const usualAttempts = 20;

/** Of all accounts: attempts take milliseconds. Loads of policies, which may take longer, have a line of their own. */
const losers = newLine();

/**
 * Repeats what reads an account and commits on condition that it is still the same, until it does.
 * @param attempt answers undefined where it lost the race
 * @throws LatchkeyError `STORE_BUSY`: it lost every time
 */
export async function untilCommitted<T>(
  attempt: () => Promise<T | undefined>,
  maxAttempts = usualAttempts,
): Promise<T> {
  const first = await attempt();
  if (first !== undefined) return first;
  return losers(async () => {
    for (let attempts = 1; attempts < maxAttempts; attempts += 1) {
      // Whoever was faster may have more to do in this turn.
      await nextTurn();
      const done = await attempt();
      if (done !== undefined) return done;
    }
    throw new LatchkeyError('STORE_BUSY');
  });
}
