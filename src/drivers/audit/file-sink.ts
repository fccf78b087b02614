import { formatEvent, type AuditFormat } from '../../domain/audit/format.ts';
import type { AuditEvent } from '../../domain/audit/events.ts';
import { LatchkeyError } from '../../domain/errors.ts';
import type { AuditSink } from '../../ports/audit-sink.ts';
import { LineBytes } from './line-bytes.ts';
import { AppendFile, standardOutput } from './append-file.ts';

export interface AuditFileOptions {
  /** A file, a named pipe, or `-` for standard output. */
  readonly path: string;
  readonly format: AuditFormat;
  /** How long a reader of a pipe may take nothing before the records that wait are given up. */
  readonly stallTimeoutMs?: number;
}

const defaultStallTimeoutMs = 5_000;
const retryDelayMs = 5;
/** What may wait behind a pipe that is full, in UTF-16 code units. */
const maxWaitingCharacters = 16 * 1_024 * 1_024;

/** The records of one event-loop turn; they are written, and succeed or fail, together. */
interface Batch {
  readonly lines: string[];
  characters: number;
  readonly settled: Promise<void>;
  readonly succeed: () => void;
  readonly fail: (error: LatchkeyError) => void;
}

/**
 * Opens the file that audit records are appended to.
 *
 * Several processes may append to one file: a batch is one write at its end, so that records
 * are not mixed.
 *
 * @throws LatchkeyError `AUDIT_UNAVAILABLE`: it cannot be opened for appending
 */
export async function openAuditSink(options: AuditFileOptions): Promise<AuditFile> {
  try {
    return new AuditFile(options, new AppendFile(options.path));
  } catch (error) {
    throw unavailable(options.path, error);
  }
}

/** The records of this process on their way to one file. Made by {@link openAuditSink}. */
export class AuditFile implements AuditSink {
  readonly #path: string;
  readonly #format: AuditFormat;
  readonly #stallTimeoutMs: number;
  readonly #file: AppendFile;
  readonly #bytes = new LineBytes();
  /** Takes records until the end of the turn, or for as long as the batch before it is stalled. */
  #filling: Batch | undefined;
  /** Partly written to a pipe that is full. */
  #stalled: Batch | undefined;
  #closed = false;

  constructor({ path, format, stallTimeoutMs = defaultStallTimeoutMs }: AuditFileOptions, file: AppendFile) {
    this.#path = path;
    this.#format = format;
    this.#stallTimeoutMs = stallTimeoutMs;
    this.#file = file;
  }

  record(event: AuditEvent): Promise<void> {
    if (this.#closed) return Promise.reject(unavailable(this.#path, 'it is closed'));
    let line: string;
    try {
      line = formatEvent(event, this.#format);
    } catch (error) {
      return Promise.reject(unavailable(this.#path, error));
    }
    const batch = (this.#filling ??= this.#newBatch());
    if (this.#stalled !== undefined && batch.characters > maxWaitingCharacters) {
      return Promise.reject(unavailable(this.#path, 'too many records wait for its reader'));
    }
    batch.lines.push(line);
    batch.characters += line.length;
    return batch.settled;
  }

  /**
   * Opens the path again after the file was moved away (log rotation). Records that were taken
   * before are still written to the old file.
   * @throws LatchkeyError `AUDIT_UNAVAILABLE`: it cannot be opened; the old file stays in use
   */
  async reopen(): Promise<void> {
    await this.#drained();
    if (this.#closed) throw unavailable(this.#path, 'it is closed');
    try {
      this.#file.reopen();
    } catch (error) {
      throw unavailable(this.#path, error);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#drained();
    this.#file.close();
  }

  #newBatch(): Batch {
    if (this.#stalled === undefined) setImmediate(this.#writeFilled);
    return newBatch();
  }

  readonly #writeFilled = (): void => {
    const batch = this.#filling;
    if (batch === undefined || this.#stalled !== undefined) return;
    this.#filling = undefined;
    try {
      this.#file.ready();
      this.#write(batch, this.#bytes.of(batch.lines, batch.characters, this.#file.endsInsideLine));
    } catch (error) {
      batch.fail(unavailable(this.#path, error));
    }
  };

  /**
   * @param bytes of the first attempt: a view that holds for this turn only
   * @param deadline when to give up on a reader that takes nothing; unset at the first attempt
   */
  #write(batch: Batch, bytes: Uint8Array, deadline?: number): void {
    const taken = this.#file.append(bytes);
    if (taken === bytes.length) {
      batch.succeed();
      return;
    }
    const now = performance.now();
    if (taken === 0 && deadline !== undefined && now >= deadline) {
      this.#file.close();
      throw new Error('its reader takes nothing');
    }
    const nextDeadline = taken === 0 && deadline !== undefined ? deadline : now + this.#stallTimeoutMs;
    const rest = deadline === undefined ? Buffer.from(bytes.subarray(taken)) : bytes.subarray(taken);
    this.#stalled = batch;
    setTimeout(() => {
      this.#continueStalled(batch, rest, nextDeadline);
    }, retryDelayMs);
  }

  #continueStalled(batch: Batch, rest: Uint8Array, deadline: number): void {
    this.#stalled = undefined;
    try {
      this.#write(batch, rest, deadline);
    } catch (error) {
      batch.fail(unavailable(this.#path, error));
    }
    this.#writeFilled();
  }

  /** Settles when all that was taken so far is written, or has failed. */
  async #drained(): Promise<void> {
    this.#writeFilled();
    for (let batch = this.#stalled; batch !== undefined; batch = this.#stalled) {
      await batch.settled.catch(() => undefined);
    }
  }
}

function newBatch(): Batch {
  let succeed: Batch['succeed'] = () => undefined;
  let fail: Batch['fail'] = () => undefined;
  const settled = new Promise<void>((resolve, reject) => {
    succeed = resolve;
    fail = reject;
  });
  return { lines: [], characters: 0, settled, succeed, fail };
}

function unavailable(path: string, reason: unknown): LatchkeyError {
  const name = path === standardOutput ? 'standard output' : path;
  const detail = `audit records cannot be written to ${name}: ${reason instanceof Error ? reason.message : String(reason)}`;
  return new LatchkeyError('AUDIT_UNAVAILABLE', {
    detail,
    ...(reason instanceof Error ? { cause: reason } : {}),
  });
}
