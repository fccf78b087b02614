/**
 * Finds planted secrets in what was written: as they are, in base64 (at any offset, either
 * alphabet), in hexadecimal, percent-encoded, and escaped as in JSON.
 */
import { appendFileSync, closeSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { viewsOf } from './views.ts';

/** Shorter ones are found by chance. */
const minSecretBytes = 12;
const minDistinctBytes = 6;
/** Of a longer secret its two ends are looked for. */
const endBytes = 24;
const windowBytes = 12;
/** 2 to the power of the number of bits in the filter. */
const filterBits = 22;
const multiplier = 0x01000193;
const lineFeed = 0x0a;

export interface Leak {
  /** Where it was written. */
  readonly origin: string;
  /** What was planted: never the secret itself. */
  readonly what: string;
  /** The form in which it was found. */
  readonly form: string;
}

/** What a search found, and how much it looked through. */
export interface LeakSearch {
  readonly secrets: number;
  readonly bytes: number;
  readonly leaks: readonly Leak[];
}

interface Needle {
  readonly bytes: Buffer;
  readonly what: string;
}

/** Secrets by the hash of their first window, and a filter of the hashes. */
interface Needles {
  readonly byHash: ReadonlyMap<number, readonly Needle[]>;
  readonly filter: Uint8Array;
}

/** What was written of one origin goes to one file, which is looked through in pieces. */
const pieceBytes = 256 * 1_024;

/** How the files begin that processes keep in the folder: their own each, so that no two write to one. */
const secretsName = 'secrets.';
const writtenName = 'written.';

/** The secrets of a run, and what the run wrote; processes of one run share the folder where that is kept. */
export class LeakCheck {
  readonly #seen = new Set<string>();
  readonly #files = new Map<string, number>();
  readonly #folder: string;

  /** @param folder where to keep secrets and what was written, until it is looked through */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * Registers a secret. One that is shorter than 12 bytes, or of less than 6 different ones, is not looked for.
   * @param what names it in a report
   */
  plant(secret: string | Uint8Array, what: string): void {
    for (const part of partsOf(Buffer.from(secret))) {
      if (part.length < minSecretBytes || new Set(part).size < minDistinctBytes) continue;
      const key = part.toString('latin1');
      if (this.#seen.has(key)) continue;
      this.#seen.add(key);
      this.#append(secretsName, '', `${JSON.stringify([part.toString('base64'), what])}\n`);
    }
  }

  /** Takes what was written: lines of a log or of an audit file. */
  collect(text: string | Uint8Array, origin: string): void {
    const bytes = Buffer.from(text);
    const whole = bytes.at(-1) === lineFeed ? bytes : Buffer.concat([bytes, Buffer.of(lineFeed)]);
    this.#append(writtenName, origin, whole);
  }

  /** Looks for every secret of every process in what any of them wrote, whichever came first. */
  search(): LeakSearch {
    const paths = readdirSync(this.#folder).map((name) => join(this.#folder, name));
    const planted = paths.filter((path) => basename(path).startsWith(secretsName));
    const secrets = new Map(planted.flatMap((path) => secretsOf(path)));
    const needles = needlesOf(secrets);
    const written = paths.filter((path) => basename(path).startsWith(writtenName));
    return {
      secrets: secrets.size,
      bytes: written.reduce((sum, path) => sum + statSync(path).size, 0),
      leaks: written.flatMap((path) => leaksOf(path, needles)),
    };
  }

  #append(kind: string, origin: string, bytes: string | Uint8Array): void {
    const name = `${kind}${String(process.pid)}.${encodeURIComponent(origin)}`;
    let descriptor = this.#files.get(name);
    if (descriptor === undefined) {
      descriptor = openSync(join(this.#folder, name), 'a');
      this.#files.set(name, descriptor);
    }
    appendFileSync(descriptor, bytes);
  }
}

function secretsOf(path: string): readonly (readonly [secret: string, what: string])[] {
  const lines = readFileSync(path, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line) as readonly [string, string]);
}

/** @param secrets in base64, with what names them */
function needlesOf(secrets: ReadonlyMap<string, string>): Needles {
  const byHash = new Map<number, Needle[]>();
  const filter = new Uint8Array(2 ** (filterBits - 3));
  for (const [secret, what] of secrets) {
    const needle = { bytes: Buffer.from(secret, 'base64'), what };
    const hash = windowHash(needle.bytes);
    const found = byHash.get(hash);
    if (found === undefined) byHash.set(hash, [needle]);
    else found.push(needle);
    const bit = hash >>> (32 - filterBits);
    filter[bit >>> 3] = (filter[bit >>> 3] ?? 0) | (1 << (bit & 7));
  }
  return { byHash, filter };
}

function leaksOf(path: string, needles: Needles): readonly Leak[] {
  const origin = decodeURIComponent(basename(path).replace(/^\w+\.\d+\./, ''));
  const leaks: Leak[] = [];
  for (const piece of piecesOf(path)) {
    for (const [form, view] of viewsOf(piece)) {
      for (const what of search(view, needles)) leaks.push({ origin, what, form });
    }
  }
  return leaks;
}

/** Whole lines, at least one at a time. */
function* piecesOf(path: string): Generator<Buffer> {
  const file = openSync(path, 'r');
  try {
    let rest = Buffer.alloc(0);
    const piece = Buffer.alloc(pieceBytes);
    for (let taken = readSync(file, piece); taken > 0; taken = readSync(file, piece)) {
      const bytes = Buffer.concat([rest, piece.subarray(0, taken)]);
      const end = bytes.lastIndexOf(lineFeed) + 1;
      if (end > 0) yield bytes.subarray(0, end);
      rest = bytes.subarray(end);
    }
    yield rest;
  } finally {
    closeSync(file);
  }
}

/** The hash of the first window: a sum of its bytes, each times a power of the multiplier. */
function windowHash(bytes: Uint8Array): number {
  let hash = 0;
  for (let index = 0; index < windowBytes; index += 1) {
    hash = (Math.imul(hash, multiplier) + (bytes[index] ?? 0)) | 0;
  }
  return hash >>> 0;
}

/** What the byte that leaves the window has been multiplied by. */
const leavingFactor = Array.from({ length: windowBytes - 1 }).reduce<number>(
  (power) => Math.imul(power, multiplier),
  1,
);

/** @see R. M. Karp and M. O. Rabin, Efficient randomized pattern-matching algorithms (1987) */
function* search(bytes: Buffer, { byHash, filter }: Needles): Generator<string> {
  let hash = windowHash(bytes);
  for (let start = 0; start + windowBytes <= bytes.length; start += 1) {
    const bit = hash >>> (32 - filterBits);
    if (((filter[bit >>> 3] ?? 0) & (1 << (bit & 7))) !== 0) {
      for (const needle of byHash.get(hash) ?? []) {
        const end = Math.min(start + needle.bytes.length, bytes.length);
        if (needle.bytes.equals(bytes.subarray(start, end))) yield needle.what;
      }
    }
    const staying = (hash - Math.imul(bytes[start] ?? 0, leavingFactor)) | 0;
    hash = (Math.imul(staying, multiplier) + (bytes[start + windowBytes] ?? 0)) >>> 0;
  }
}

/** The ends of a long secret; of PEM those of its lines; of a JWT those of its signature, as its head is no secret. */
function partsOf(secret: Buffer): readonly Buffer[] {
  const text = secret.toString('latin1');
  if (text.includes('-----BEGIN')) {
    if (!text.includes('PRIVATE KEY')) return [];
    const [, ...lines] = text.split(/\r?\n|\\n/).filter((line) => /^[\w+/=]{40,}$/.test(line));
    return lines.flatMap((line) => ends(Buffer.from(line)));
  }
  if (/^ey[\w-]+\.[\w-]*\.[\w-]+$/.test(text)) {
    return ends(Buffer.from(text.slice(text.lastIndexOf('.') + 1)));
  }
  return ends(secret);
}

function ends(bytes: Buffer): readonly Buffer[] {
  return bytes.length <= 2 * endBytes ? [bytes] : [bytes.subarray(0, endBytes), bytes.subarray(-endBytes)];
}
