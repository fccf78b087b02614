import { parse } from 'tinyduration';

const day = 24 * 60 * 60;
/** What a calendar decides is taken at its average: a year as 365 days, a month as a twelfth of it. */
const secondsIn = {
  years: 365 * day,
  months: (365 * day) / 12,
  weeks: 7 * day,
  days: day,
  hours: 60 * 60,
  minutes: 60,
  seconds: 1,
} as const;
const maxCharacters = 64;
const maxSeconds = 100 * 365 * day;

/**
 * Reads a duration in ISO 8601 (`P6M`, `PT1H30M`), as Conjur takes it.
 * @returns seconds, of at least one and up to a hundred years; undefined for anything else
 */
export function durationSeconds(text: string): number | undefined {
  if (text.length > maxCharacters) return undefined;
  try {
    const duration = parse(text);
    if (duration.negative === true) return undefined;
    let seconds = 0;
    for (const [unit, length] of Object.entries(secondsIn)) {
      seconds += (duration[unit as keyof typeof secondsIn] ?? 0) * length;
    }
    return seconds >= 1 && seconds <= maxSeconds ? Math.floor(seconds) : undefined;
  } catch {
    return undefined;
  }
}
