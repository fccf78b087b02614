/**
 * Plain scalars have types (YAML 1.1 as Conjur's parser reads it): `yes` is a boolean, `010`
 * is eight. Quoted and block scalars are text. The names are those that messages use.
 */
export type ScalarType =
  'String' | 'Integer' | 'Float' | 'TrueClass' | 'FalseClass' | 'NilClass' | 'Date' | 'Time';

const words: ReadonlyMap<string, ScalarType> = new Map<string, ScalarType>([
  ['', 'NilClass'],
  ['~', 'NilClass'],
  ['null', 'NilClass'],
  ['yes', 'TrueClass'],
  ['on', 'TrueClass'],
  ['true', 'TrueClass'],
  ['no', 'FalseClass'],
  ['off', 'FalseClass'],
  ['false', 'FalseClass'],
]);

const decimal = /^[-+]?(?:0|[1-9][0-9_,]*)$/;
const octal = /^0[0-7]+$/;
const hexadecimal = /^0x[0-9a-f]+$/i;
const binary = /^0b[01_]+$/i;
const float = /^[-+]?(?:\d[\d_]*\.[\d_]*|\.[\d_]*\d[\d_]*)(?:e[-+]\d+)?$/i;
const infinity = /^[-+]?\.inf$/i;
const notANumber = /^\.nan$/i;
const sexagesimal = /^[-+]?\d[\d_]*(?::[0-5]?\d)+(?:\.[\d_]*)?$/;
const date = /^\d{4}-\d{2}-\d{2}$/;
const time =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[Tt]|\s+)(\d{1,2}):(\d{2}):(\d{2})(?:\.\d*)?\s*(?:Z|([-+])(\d{1,2})(?::?(\d{2}))?)?$/;

/** The longest text that any type but `String` may have. */
const maxTypedLength = 100;

/** The type of a plain scalar. */
export function typeOfPlain(text: string): ScalarType {
  if (text.length > maxTypedLength) return 'String';
  const first = text.charCodeAt(0);
  const numeric = (first >= 0x30 && first <= 0x39) || first === 0x2b || first === 0x2d || first === 0x2e;
  if (!numeric) return text.length > 5 ? 'String' : (words.get(text.toLowerCase()) ?? 'String');
  if (decimal.test(text) || octal.test(text) || hexadecimal.test(text) || binary.test(text)) return 'Integer';
  if (float.test(text) || infinity.test(text) || notANumber.test(text) || sexagesimal.test(text))
    return 'Float';
  if (date.test(text) && isDay(text)) return 'Date';
  return time.test(text) && timeOf(text) !== undefined ? 'Time' : 'String';
}

function isDay(text: string): boolean {
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}

/** The text that a plain scalar of this type is stored as, e.g. `8` for `010`. */
export function textOfPlain(text: string, type: ScalarType): string {
  switch (type) {
    case 'String':
    case 'Date':
      return text;
    case 'NilClass':
      return '';
    case 'TrueClass':
      return 'true';
    case 'FalseClass':
      return 'false';
    case 'Integer':
      return integerText(text);
    case 'Float':
      return floatText(numberOf(text));
    case 'Time':
      return timeText(text);
  }
}

function integerText(text: string): string {
  if (decimal.test(text)) return BigInt(text.replace(/[_,+]/g, '')).toString();
  if (octal.test(text)) return BigInt(`0o${text.slice(1)}`).toString();
  const digits = text.toLowerCase().replaceAll('_', '');
  return digits === '0b' ? '0' : BigInt(digits).toString();
}

function numberOf(text: string): number {
  if (infinity.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  if (notANumber.test(text)) return NaN;
  const plain = text.replaceAll('_', '');
  if (!plain.includes(':')) return Number(plain);
  const magnitude = plain
    .replace(/^[-+]/, '')
    .split(':')
    .reduce((sum, part) => sum * 60 + Number(part), 0);
  return plain.startsWith('-') ? -magnitude : magnitude;
}

/** Floats are stored as Ruby prints them: always with a fraction, with an exponent from 16 digits. */
function floatText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value < 0 ? '-Infinity' : 'Infinity';
  const magnitude = Math.abs(value);
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  if (magnitude >= 1e16 || magnitude < 1e-4) {
    const [mantissa = '', exponent = ''] = value.toExponential().split('e');
    const sign = exponent.startsWith('-') ? '-' : '+';
    const digits = exponent.replace(/^[-+]/, '').padStart(2, '0');
    return `${mantissa.includes('.') ? mantissa : `${mantissa}.0`}e${sign}${digits}`;
  }
  const plain = String(value);
  return plain.includes('.') ? plain : `${plain}.0`;
}

/** Milliseconds since the epoch; undefined when there is no such day or hour. */
function timeOf(text: string): number | undefined {
  const match = time.exec(text);
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(Number);
  const midnight = Date.UTC(year, month - 1, day);
  if (
    year < 100 ||
    new Date(midnight).getUTCDate() !== day ||
    month > 12 ||
    hour > 23 ||
    minute > 59 ||
    second > 59
  )
    return undefined;
  const offsetMinutes = Number(match[8] ?? 0) * 60 + Number(match[9] ?? 0);
  const seconds =
    (hour * 60 + minute) * 60 + second - (match[7] === '-' ? -offsetMinutes : offsetMinutes) * 60;
  return midnight + seconds * 1_000;
}

function timeText(text: string): string {
  const milliseconds = timeOf(text) ?? 0;
  return `${new Date(milliseconds).toISOString().slice(0, 19).replace('T', ' ')} +0000`;
}
