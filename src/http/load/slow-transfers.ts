/** Ends connections whose body, or whose reading of an answer, is too slow to be meant well. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

export interface TransferLimits {
  /** How long a transfer may take in any case. */
  readonly graceMs: number;
  /** What has to get through in each second beyond that. */
  readonly minBytesPerSecond: number;
}

/** A body that comes too slowly, an answer that is read too slowly, a body that nobody wants. */
export type SlowTransfer = 'request' | 'answer' | 'unread';

interface Transfer {
  readonly kind: SlowTransfer;
  readonly socket: Socket;
  readonly response: ServerResponse;
  readonly isOver: () => boolean;
  /** When it has to be over, as far as is known by now. */
  readonly dueAt: () => number;
}

/** An answer below this is with the operating system, not with us. */
const leastHeldBytes = 16 * 1_024;
/** What is read and thrown away of a body after the answer, so that a client that is still sending gets it. */
const maxUnreadBytes = 4 * 1_024 * 1_024;
const maxUnreadMs = 2_000;
const maxIntervalMs = 250;

/** A connection, or something in the place of one that does not count its bytes. */
type Counting = Partial<Pick<Socket, 'bytesRead'>>;

/** Watches transfers that are not over at once. There is no timer while there are none. */
export class SlowTransfers {
  readonly #limits: TransferLimits;
  readonly #onEnded: (kind: SlowTransfer) => void;
  readonly #watched = new Set<Transfer>();
  #timer: NodeJS.Timeout | undefined;

  /** @param onEnded is told of each connection that is ended */
  constructor(limits: TransferLimits, onEnded: (kind: SlowTransfer) => void) {
    this.#limits = limits;
    this.#onEnded = onEnded;
  }

  /** To be called of a request whose body has not come whole with its head. */
  watchRequest(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    const readBefore = bytesReadOf(socket);
    this.#watch({
      kind: 'request',
      socket,
      response,
      isOver: () => request.complete || response.writableEnded,
      dueAt: this.#dueAt(() => bytesReadOf(socket) - readBefore),
    });
  }

  /** To be called of an answer that was given; one that has gone out already is not watched. */
  watchAnswer(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    if (!request.complete) this.#watchUnread(request, response);
    const held = socket.writableLength;
    if (response.writableFinished || held < leastHeldBytes) return;
    this.#watch({
      kind: 'answer',
      socket,
      response,
      isOver: () => response.writableFinished,
      dueAt: this.#dueAt(() => held),
    });
  }

  #watchUnread(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    const readBefore = bytesReadOf(socket);
    const dueAt = performance.now() + maxUnreadMs;
    this.#watch({
      kind: 'unread',
      socket,
      response,
      isOver: () => request.complete,
      dueAt: () => (bytesReadOf(socket) - readBefore > maxUnreadBytes ? 0 : dueAt),
    });
  }

  #dueAt(bytes: () => number): () => number {
    const begunAt = performance.now();
    const { graceMs, minBytesPerSecond } = this.#limits;
    return () => begunAt + graceMs + (bytes() * 1_000) / minBytesPerSecond;
  }

  #watch(transfer: Transfer): void {
    this.#watched.add(transfer);
    const intervalMs = Math.max(20, Math.min(maxIntervalMs, this.#limits.graceMs / 4));
    this.#timer ??= setInterval(() => {
      this.#endLate();
    }, intervalMs).unref();
  }

  #endLate(): void {
    const now = performance.now();
    for (const transfer of this.#watched) {
      const { socket, kind } = transfer;
      if (!socket.destroyed && !transfer.isOver()) {
        if (transfer.dueAt() >= now) continue;
        this.#onEnded(kind);
        end(transfer);
      }
      this.#watched.delete(transfer);
    }
    if (this.#watched.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

function bytesReadOf(socket: Counting): number {
  return socket.bytesRead ?? 0;
}

function end({ kind, socket, response }: Transfer): void {
  if (kind === 'request' && !response.headersSent && socket.writable) {
    socket.write('HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
  }
  socket.destroy();
}
