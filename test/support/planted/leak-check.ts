/**
 * Finds planted secrets in what was written: as they are, in base64 (at any offset, either
 * alphabet), in hexadecimal, percent-encoded, and escaped as in JSON.
 */
import { appendFileSync, closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
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

interface Needle {
  readonly bytes: Buffer;
  readonly what: string;
}

/** What was written of one origin goes to one file, which is looked through in pieces. */
const pieceBytes = 256 * 1_024;

/** The secrets of a run, and what the run wrote. */
export class LeakCheck {
  readonly #secrets = new Map<string, string>();
  readonly #origins = new Map<string, { readonly path: string; readonly descriptor: number }>();
  readonly #folder: string;
  #seenBytes = 0;

  /** @param folder where to keep what was written, until it is looked through */
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
      if (!this.#secrets.has(key)) this.#secrets.set(key, what);
    }
  }

  /** Takes what was written: lines of a log or of an audit file. */
  collect(text: string | Uint8Array, origin: string): void {
    const file = this.#origins.get(origin) ?? this.#open(origin);
    const bytes = Buffer.from(text);
    appendFileSync(file.descriptor, bytes);
    if (bytes.at(-1) !== lineFeed) appendFileSync(file.descriptor, '\n');
    this.#seenBytes += bytes.length;
  }

  /** How many secrets and bytes there are. */
  get size(): { readonly secrets: number; readonly bytes: number } {
    return { secrets: this.#secrets.size, bytes: this.#seenBytes };
  }

  /** Every secret that is in what was collected, whichever came first. */
  leaks(): readonly Leak[] {
    const needles = new Map<number, Needle[]>();
    const filter = new Uint8Array(2 ** (filterBits - 3));
    for (const [key, what] of this.#secrets) {
      const needle = { bytes: Buffer.from(key, 'latin1'), what };
      const hash = windowHash(needle.bytes);
      const found = needles.get(hash);
      if (found === undefined) needles.set(hash, [needle]);
      else found.push(needle);
      const bit = hash >>> (32 - filterBits);
      filter[bit >>> 3] = (filter[bit >>> 3] ?? 0) | (1 << (bit & 7));
    }
    const leaks: Leak[] = [];
    for (const [origin, { path }] of this.#origins) {
      for (const piece of piecesOf(path)) {
        for (const [form, view] of viewsOf(piece)) {
          for (const what of search(view, needles, filter)) leaks.push({ origin, what, form });
        }
      }
    }
    return leaks;
  }

  #open(origin: string): { readonly path: string; readonly descriptor: number } {
    const path = join(this.#folder, `written-${String(this.#origins.size)}`);
    const file = { path, descriptor: openSync(path, 'a') };
    this.#origins.set(origin, file);
    return file;
  }
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
function* search(
  bytes: Buffer,
  needles: ReadonlyMap<number, readonly Needle[]>,
  filter: Uint8Array,
): Generator<string> {
  let hash = windowHash(bytes);
  for (let start = 0; start + windowBytes <= bytes.length; start += 1) {
    const bit = hash >>> (32 - filterBits);
    if (((filter[bit >>> 3] ?? 0) & (1 << (bit & 7))) !== 0) {
      for (const needle of needles.get(hash) ?? []) {
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
