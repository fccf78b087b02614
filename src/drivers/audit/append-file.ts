/** A file, pipe or terminal that lines are appended to, and that can go wrong and come back. */
import { closeSync, constants, fstatSync, openSync, readSync, writeSync } from 'node:fs';

/** The path that means standard output. */
export const standardOutput = '-';

const standardOutputDescriptor = 1;
const lineFeed = 0x0a;
/** Non-blocking, so that a pipe nobody reads from is a failure and not a standstill. */
const appendFlags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK;
const ownerOnly = 0o600;
/** What Linux and POSIX let a pipe take from one of several writers without mixing it with others'. */
const pipeBufferBytes = 4_096;
/** Longer than one write of another process takes. */
const writeInProgressMs = 5;

/**
 * Appends to a path. A missing file is made, mode 0600; the mode of one that is there stays.
 * After a failure it is opened anew, so that a full disk, a pipe that lost its reader or a
 * remounted volume needs no restart. Methods throw what the system reports.
 */
export class AppendFile {
  readonly #path: string;
  #descriptor: number | undefined;
  #endsInsideLine = false;
  #isPipe = false;

  constructor(path: string) {
    this.#path = path;
    this.ready();
  }

  /** Opens the file, unless it is open. */
  ready(): void {
    this.#descriptor ??= this.#open();
  }

  /** Whether what is there ends in half a line: the next thing to write is a line feed. */
  get endsInsideLine(): boolean {
    return this.#endsInsideLine;
  }

  /**
   * Writes with one system call where the system takes all of it; to a pipe, which others may write
   * to as well, line by line as far as lines are short enough to stay whole.
   * @returns how many bytes were taken; fewer than given when a pipe is full
   */
  append(bytes: Uint8Array): number {
    const descriptor = (this.#descriptor ??= this.#open());
    let taken = 0;
    try {
      while (taken < bytes.length) {
        const end = this.#isPipe ? endOfPiece(bytes, taken) : bytes.length;
        const written = writeSync(descriptor, bytes, taken, end - taken);
        if (written === 0) break;
        taken += written;
      }
    } catch (error) {
      if (!isFullPipe(error)) {
        this.close();
        throw error;
      }
    } finally {
      if (taken > 0) this.#endsInsideLine = bytes[taken - 1] !== lineFeed;
    }
    return taken;
  }

  /** Opens the path again; what was open stays in use if that fails. */
  reopen(): void {
    const next = this.#open();
    this.close();
    this.#descriptor = next;
  }

  /** Lets go of what is open; the next write would open the path again. */
  close(): void {
    const descriptor = this.#descriptor;
    this.#descriptor = undefined;
    if (descriptor === undefined || descriptor === standardOutputDescriptor) return;
    try {
      closeSync(descriptor);
    } catch {
      // The descriptor is gone either way, and every record was accounted for by its own write.
    }
  }

  #open(): number {
    if (this.#path === standardOutput) {
      this.#isPipe = fstatSync(standardOutputDescriptor).isFIFO();
      return standardOutputDescriptor;
    }
    const descriptor = openSync(this.#path, appendFlags, ownerOnly);
    const status = fstatSync(descriptor);
    this.#isPipe = status.isFIFO();
    if (status.isFile()) this.#endsInsideLine = this.#isTorn(descriptor);
    return descriptor;
  }

  /** Looks twice: the line may be one that another process is just writing. */
  #isTorn(descriptor: number): boolean {
    if (this.#endsWithLineFeed(descriptor)) return false;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, writeInProgressMs);
    return !this.#endsWithLineFeed(descriptor);
  }

  /** Whether the file is empty, or its last line is whole. */
  #endsWithLineFeed(descriptor: number): boolean {
    const { size } = fstatSync(descriptor);
    if (size === 0) return true;
    try {
      const reader = openSync(this.#path, 'r');
      try {
        const last = Buffer.alloc(1);
        return readSync(reader, last, 0, 1, size - 1) === 1 && last[0] === lineFeed;
      } finally {
        closeSync(reader);
      }
    } catch {
      // May be appended to but not read. An empty line costs less than two records in one.
      return false;
    }
  }
}

/** As many whole lines as a pipe takes in one piece, or one line that is longer. */
function endOfPiece(bytes: Uint8Array, start: number): number {
  if (bytes.length - start <= pipeBufferBytes) return bytes.length;
  const last = bytes.lastIndexOf(lineFeed, start + pipeBufferBytes - 1);
  if (last >= start) return last + 1;
  const next = bytes.indexOf(lineFeed, start);
  return next === -1 ? bytes.length : next + 1;
}

function isFullPipe(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EAGAIN';
}
