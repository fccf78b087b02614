import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Below the ports that the system gives to connections and to who asks for any port, so that nobody else takes a
 * port between the moment that it was found free and the moment that a server listens on it.
 */
const firstPort = 10_000;
const ports = 20_000;

/** Processes begin at different places. */
let next = Math.floor(Math.random() * ports);

/** A port of this machine that nobody listens on just now, and that this process was not given before. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = firstPort + next;
    next = (next + 1) % ports;
    if (await isFree(port)) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
