import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';

/** A connection as servers get it. */
export type Connection = Duplex & Pick<Socket, 'remoteAddress' | 'remotePort' | 'setTimeout' | 'setNoDelay'>;

/** What becomes of a request that begins as LIST does. */
export interface ListOutcome {
  /** It is one: the connection can be served. */
  readonly serve: () => void;
  /** It is not, or did not come in time. */
  readonly refuse: (code: string) => void;
}

const maxLineBytes = 16 * 1024;
const newLine = 0x0a;
const lineForm = /^LIST (\/v1\/[^\s?#]*)(?:\?([^\s#]*))? (HTTP\/1\.[01]\r?\n)$/;

/**
 * A connection as of a request whose method is LIST, with the request line rewritten and every other
 * byte as it is. It has what servers ask of sockets.
 */
export class ListConnection extends Duplex {
  /** The connection beneath. */
  readonly socket: Connection;
  readonly #outcome: ListOutcome;
  /** What there is of the request line; undefined once it is complete. */
  #line: Buffer | undefined = Buffer.alloc(0);
  #abandoned = false;

  readonly #onData = (chunk: Buffer): void => {
    this.#receive(chunk);
  };
  readonly #onEnd = (): void => {
    if (this.#line === undefined) this.push(null);
    else this.socket.destroy();
  };
  readonly #onClose = (): void => {
    this.destroy();
  };

  constructor(socket: Connection, outcome: ListOutcome) {
    super();
    this.socket = socket;
    this.#outcome = outcome;
  }

  get remoteAddress(): string | undefined {
    return this.socket.remoteAddress;
  }

  get remotePort(): number | undefined {
    return this.socket.remotePort;
  }

  get encrypted(): boolean {
    return 'encrypted' in this.socket;
  }

  /**
   * Takes the connection over: whoever read from it before does so no more.
   * @param before what it was served through until now, perhaps itself
   * @param begun what has arrived since the request began
   */
  begin(before: Duplex, begun: Buffer): void {
    before.removeAllListeners('data');
    const received = [begun];
    for (let more = readFrom(before); more !== null; more = readFrom(before)) received.push(more);
    this.socket.setTimeout(0);
    if (before !== this.socket) this.socket.removeAllListeners('data');
    this.socket.on('data', this.#onData).on('end', this.#onEnd).on('close', this.#onClose);
    if (this.socket.destroyed) this.destroy();
    else this.#receive(Buffer.concat(received));
    if (this.socket.readableEnded) this.#onEnd();
  }

  /** Gives up a request line that does not come. */
  giveUp(): void {
    if (this.#line !== undefined) this.#outcome.refuse('ERR_HTTP_REQUEST_TIMEOUT');
  }

  /** Ends this, without what is beneath, which is another's now. */
  abandon(): void {
    this.#abandoned = true;
    this.destroy();
  }

  setTimeout(timeoutMs: number): this {
    this.socket.setTimeout(timeoutMs);
    return this;
  }

  setNoDelay(noDelay?: boolean): this {
    this.socket.setNoDelay(noDelay);
    return this;
  }

  /** Ends the connection once all is sent, as sockets do. */
  destroySoon(): void {
    this.end(() => {
      this.destroy();
    });
  }

  override _read(): void {
    this.socket.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.socket.write(chunk, done);
  }

  override _writev(chunks: { readonly chunk: Buffer }[], done: (error?: Error | null) => void): void {
    this.socket.cork();
    for (const [index, { chunk }] of chunks.entries()) {
      this.socket.write(chunk, index === chunks.length - 1 ? done : undefined);
    }
    this.socket.uncork();
  }

  override _final(done: (error?: Error | null) => void): void {
    this.socket.end(() => {
      done();
    });
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.socket.off('data', this.#onData).off('end', this.#onEnd).off('close', this.#onClose);
    if (!this.#abandoned) this.socket.destroy();
    done(error);
  }

  #receive(chunk: Buffer): void {
    if (this.#line === undefined) {
      if (!this.push(chunk)) this.socket.pause();
      return;
    }
    const received = Buffer.concat([this.#line, chunk]);
    const end = received.indexOf(newLine) + 1;
    if (end === 0 && received.length <= maxLineBytes) {
      this.#line = received;
      return;
    }
    const line = rewritten(received.subarray(0, end).toString('latin1'));
    if (line === undefined || end > maxLineBytes) {
      this.#outcome.refuse(end === 0 || end > maxLineBytes ? 'HPE_HEADER_OVERFLOW' : 'HPE_INVALID_METHOD');
      return;
    }
    this.#line = undefined;
    this.push(Buffer.from(line, 'latin1'));
    if (end < received.length) this.#receive(received.subarray(end));
    this.#outcome.serve();
  }
}

/** What was received and not handed on yet. */
function readFrom(stream: Duplex): Buffer | null {
  return stream.read() as Buffer | null;
}

/** The same request by GET. What the query says of `list` itself comes second and does not count. */
function rewritten(line: string): string | undefined {
  const [, path, query = '', version] = lineForm.exec(line) ?? [];
  if (path === undefined || version === undefined) return undefined;
  return `GET ${path}?list=true${query === '' ? '' : `&${query}`} ${version}`;
}
