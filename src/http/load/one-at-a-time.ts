import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

type Take = (request: IncomingMessage, response: ServerResponse) => void;

/** Beyond this nothing more is read from a connection until some of its requests are answered. */
const pauseAt = 32;
/** Of all connections. What is read at once may bring so many of them that only ending one helps. */
const maxWaiting = 20_000;

/**
 * Hands on the requests of a connection one at a time, each when the answer before it has gone out. So
 * whoever sends many at once (pipelining, RFC 9112 section 9.3.2) holds what one request holds, and
 * gains nothing over others.
 */
export function oneAtATime(take: Take): Take {
  const queues = new WeakMap<Socket, { waiting: number }>();
  let waitingInAll = 0;

  const queueOf = (socket: Socket): { waiting: number } => {
    const known = queues.get(socket);
    if (known !== undefined) return known;
    const queue = { waiting: 0 };
    queues.set(socket, queue);
    socket.once('close', () => {
      waitingInAll -= queue.waiting;
      queue.waiting = 0;
    });
    return queue;
  };

  return (request, response) => {
    // It has the connection's socket when its answer is the next to go out.
    if (response.socket !== null) {
      take(request, response);
      return;
    }
    const { socket } = request;
    if (socket.destroyed) return;
    if (waitingInAll >= maxWaiting) {
      socket.destroy();
      return;
    }
    const queue = queueOf(socket);
    queue.waiting += 1;
    waitingInAll += 1;
    if (queue.waiting === pauseAt) socket.pause();
    response.once('socket', () => {
      queue.waiting -= 1;
      waitingInAll -= 1;
      if (queue.waiting === pauseAt / 2) socket.resume();
      take(request, response);
    });
  };
}
