/** The processes of the service under test, which can be killed and come back. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../test/support/free-port.ts';
import { startServerProcess, type ServerProcess } from '../../test/support/server-process.ts';
import { temporaryDirectory } from '../../test/support/temp.ts';
import type { Random } from './random.ts';
import type { Topology } from './topologies.ts';

export const account = 'soak';

export interface Fleet {
  /** Where the processes answer; the addresses stay over a restart. */
  readonly urls: readonly string[];
  readonly adminKey: string;
  readonly auditFiles: readonly string[];
  /** Kills a random process, or a worker of it, with SIGKILL, and settles when all run again. */
  killOne(random: Random): Promise<void>;
  /** Resident memory of all processes with their workers. */
  residentMb(): number;
  /** Ends all with SIGTERM. @returns what they wrote to standard error */
  stop(): Promise<string>;
}

export async function startFleet(topology: Topology): Promise<Fleet> {
  const folder = temporaryDirectory();
  const start = (port: number): Promise<ServerProcess> =>
    startServerProcess({
      ...topology.env,
      LATCHKEY_DATA: folder.path,
      LATCHKEY_ACCOUNT: account,
      LATCHKEY_PORT: String(port),
      LATCHKEY_ACCESS_TOKEN_TTL: String(5 * 60 * 60),
      // Keys that are no longer good are tried on purpose, and a crowded machine is no reason to refuse.
      LATCHKEY_MAX_FAILURES: '0',
      LATCHKEY_MAX_QUEUE_DELAY: '0',
      LATCHKEY_REQUEST_TIMEOUT: '300',
    });
  const ports: number[] = [];
  const members: ServerProcess[] = [];
  for (let index = 0; index < topology.processes; index += 1) {
    const port = await freePort();
    ports.push(port);
    members.push(await start(port));
  }
  let errors = '';
  return {
    urls: members.map(({ url }) => url),
    adminKey: readFileSync(join(folder.path, 'admin.key'), 'utf8').trim(),
    auditFiles: [join(folder.path, 'audit.log')],
    killOne: async (random) => {
      const index = random.next(members.length);
      const member = members[index];
      if (member === undefined) return;
      const workers = childrenOf(member.process.pid ?? 0);
      if (workers.length > 0 && random.next(3) > 0) {
        process.kill(random.pick(workers), 'SIGKILL');
        return;
      }
      await member.kill();
      errors += member.errors();
      members[index] = await start(ports[index] ?? 0);
    },
    residentMb: () =>
      members
        .flatMap(({ process: { pid = 0 } }) => [pid, ...childrenOf(pid)])
        .reduce((sum, pid) => sum + residentMb(pid), 0),
    stop: async () => {
      await Promise.all(members.map((member) => member.stop()));
      folder.remove();
      return errors + members.map((member) => member.errors()).join('');
    },
  };
}

function childrenOf(pid: number): readonly number[] {
  return textOf(`/proc/${String(pid)}/task/${String(pid)}/children`)
    .split(' ')
    .filter(Boolean)
    .map(Number);
}

function residentMb(pid: number): number {
  return Math.round(
    Number(/^VmRSS:\s+(\d+) kB/m.exec(textOf(`/proc/${String(pid)}/status`))?.[1] ?? 0) / 1_024,
  );
}

/** The text of a file; nothing where the process has just ended. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
