/** Durations as Go and Vault spell them. */

const unitSeconds: Readonly<Record<string, number>> = {
  ns: 1e-9,
  us: 1e-6,
  µs: 1e-6,
  μs: 1e-6,
  ms: 1e-3,
  s: 1,
  m: 60,
  h: 60 * 60,
};

/** What Go's 64 bits of nanoseconds hold. */
const maxSeconds = 9_223_372_036;

/**
 * Reads whole seconds (a number, or its decimal digits), a Go duration such as `1h30m` or `1.5h`, or
 * days (`2d`); an empty text is 0.
 * @returns whole seconds, rounded down; undefined for anything else, a negative duration included
 */
export function readSeconds(given: string | number): number | undefined {
  const seconds = typeof given === 'number' ? given : secondsOf(given.trim());
  if (seconds === undefined || seconds < 0 || seconds > maxSeconds) return undefined;
  if (typeof given === 'number' && !Number.isInteger(given)) return undefined;
  // The sum of parts may fall short of a whole second by what floating point cannot hold.
  return Math.floor(seconds + 1e-9);
}

function secondsOf(text: string): number | undefined {
  if (text === '') return 0;
  if (/^\+?\d{1,12}$/.test(text)) return Number(text);
  const days = /^\+?(\d{1,7})d$/.exec(text)?.[1];
  if (days !== undefined) return Number(days) * 24 * 60 * 60;
  if (!/^\+?(?:(?:\d{1,15}(?:\.\d{0,15})?|\.\d{1,15})(?:ns|us|µs|μs|ms|s|m|h))+$/.test(text))
    return undefined;
  let seconds = 0;
  for (const [, amount, unit] of text.matchAll(/([\d.]+)(\D+)/g)) {
    seconds += Number(amount) * (unitSeconds[unit ?? ''] ?? NaN);
  }
  return seconds;
}
