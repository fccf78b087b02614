/** A point in time. */
export interface Instant {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** To the second, with the offset that it was given with. */
  readonly text: string;
}

const date = String.raw`(\d{4})-(\d{2})-(\d{2})|(\d{4})(\d{2})(\d{2})`;
const time = String.raw`T(\d{2}):?(\d{2})(?::?(\d{2})(?:[.,](\d{1,9}))?)?(Z|[+-]\d{2}(?::?\d{2})?)?`;
const form = new RegExp(`^\\s*(?:${date})(?:${time})?\\s*$`, 'i');

/**
 * Reads a calendar date with or without a time of day, in the extended (`2030-01-02T03:04:05Z`) or
 * the basic form (`20300102T030405Z`). Without a zone it is UTC, without a time midnight.
 * @returns undefined for what is not a date of the calendar
 * @see ISO 8601; Conjur reads it with Ruby's `DateTime.iso8601`
 */
export function iso8601Instant(text: string): Instant | undefined {
  if (text.length > 64) return undefined;
  const match = form.exec(text);
  if (match === null) return undefined;
  const number = (...groups: readonly number[]): number =>
    Number(groups.map((group) => match[group]).find((found) => found !== undefined) ?? 0);
  const [year, month, day] = [number(1, 4), number(2, 5), number(3, 6)];
  const [hour, minute, second] = [number(7), number(8), number(9)];
  const milliseconds = Math.floor(Number(`0.${match[10] ?? '0'}`) * 1_000);
  const offset = offsetMinutes(match[11] ?? 'Z');
  const local = new Date(Date.UTC(year, month - 1, day, hour, minute, second, milliseconds));
  // Whatever does not come back as it went in was carried over: the 31st of a month that has 30 days.
  const carried = local.getUTCMonth() !== month - 1 || local.getUTCDate() !== day || year < 1000;
  if (carried || hour > 23 || minute > 59 || second > 59 || offset === undefined) return undefined;
  return {
    at: local.getTime() - offset * 60_000,
    text: `${local.toISOString().slice(0, 19)}${offsetText(offset)}`,
  };
}

function offsetMinutes(zone: string): number | undefined {
  if (/^z$/i.test(zone)) return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(3).replace(':', ''));
  if (hours > 23 || minutes > 59) return undefined;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes);
}

function offsetText(offset: number): string {
  const size = Math.abs(offset);
  const part = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  return `${offset < 0 ? '-' : '+'}${part(size / 60)}:${part(size % 60)}`;
}
