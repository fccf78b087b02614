/** A second process that does what it is sent, a message at a time. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface Peer {
  /** Sends it a message, and gets its answer. */
  ask(message: object): Promise<unknown>;
  kill(): Promise<void>;
}

/**
 * Starts a module as a process of its own.
 * @param module it sends a message once it is ready, and then one for each that it gets
 */
export async function startPeer(module: URL, args: readonly string[]): Promise<Peer> {
  const child = fork(fileURLToPath(module), args);
  await once(child, 'message');
  return {
    ask: async (message) => {
      const answer = once(child, 'message');
      child.send(message);
      return ((await answer) as [unknown])[0];
    },
    kill: async () => {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}
