import { Attempts } from '../../src/domain/abuse/attempts.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { Store } from '../../src/ports/store.ts';

/** As the settings are by default. */
export const defaultAttemptLimits = {
  maxFailuresPerRoleAndAddress: 10,
  maxFailuresPerAddress: 100,
  maxFailuresPerRole: 100,
  failureWindowSeconds: 300,
};

/** The limits of failed attempts, with the defaults, on a store of a test. */
export function attemptsOn({ ephemeral }: Pick<Store, 'ephemeral'>, clock: Clock): Attempts {
  return new Attempts({ ephemeral, clock }, defaultAttemptLimits);
}
