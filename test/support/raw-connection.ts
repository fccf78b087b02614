/** A connection to a service, byte by byte. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface RawConnection {
  readonly socket: Socket;
  /** What was received so far. */
  readonly text: () => string;
  /** Settles once the other side has ended the connection, in whatever way; answers what was received. */
  readonly closed: Promise<string>;
  /** Settles once what was received matches. */
  readonly received: (pattern: RegExp) => Promise<string>;
}

/** @param halfOpen whether our side stays open when the other one has ended its own */
export async function openRaw(url: string, halfOpen = false): Promise<RawConnection> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: halfOpen });
  let text = '';
  let onText: (() => void)[] = [];
  const told = (): void => {
    for (const tell of onText) tell();
  };
  socket.setEncoding('latin1').on('data', (more: string) => {
    text += more;
    told();
  });
  // How it ended does not matter; 'close' follows.
  socket.on('error', () => undefined);
  const closed = new Promise<string>((resolve) => {
    socket.once('close', () => {
      resolve(text);
      told();
    });
  });
  await once(socket, 'connect');
  return {
    socket,
    text: () => text,
    closed,
    received: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (!pattern.test(text) && !socket.destroyed) return;
          onText = onText.filter((other) => other !== look);
          if (pattern.test(text)) resolve(text);
          else reject(new Error(`closed after: ${text.slice(0, 500)}`));
        };
        onText.push(look);
        look();
      }),
  };
}
