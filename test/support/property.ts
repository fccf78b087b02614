/** Property tests: a bounded number of runs from a fixed seed in the suite, as long as wanted from any seed by `npm run fuzz`. */
import fc from 'fast-check';

type Parameters = Pick<fc.Parameters<unknown>, 'numRuns' | 'seed' | 'interruptAfterTimeLimit' | 'plugins'>;

/** Chosen once, so that the suite is the same every time. */
const suiteSeed = 20_261_121;

/**
 * Asserts a property, synchronous or not. `LATCHKEY_FUZZ_SECONDS` and `LATCHKEY_FUZZ_SEED`, which `scripts/fuzz` sets,
 * take the place of the number of runs and of the seed.
 * @throws Error with seed, path and the smallest counterexample found
 */
export function assertProperty<Given>(property: fc.IProperty<Given>, parameters?: Parameters): void;
export function assertProperty<Given>(
  property: fc.IAsyncProperty<Given>,
  parameters?: Parameters,
): Promise<void>;
export function assertProperty<Given>(
  property: fc.IRawProperty<Given>,
  { numRuns = 100, seed = suiteSeed, ...others }: Parameters = {},
): void | Promise<void> {
  const seconds = Number(process.env['LATCHKEY_FUZZ_SECONDS'] ?? 0);
  const chosen =
    seconds > 0
      ? {
          ...others,
          numRuns: Number.MAX_SAFE_INTEGER,
          seed: Number(process.env['LATCHKEY_FUZZ_SEED'] ?? suiteSeed),
          interruptAfterTimeLimit: seconds * 1_000,
        }
      : { ...others, numRuns, seed };
  return fc.assert(property as fc.IAsyncProperty<Given>, chosen);
}
