import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { TLSSocket } from 'node:tls';
import { createCertificateAuthority, type ServerCertificate } from '../support/certificates.ts';
import { listeningPids, until, workersStage, type WorkersStage } from '../support/workers.ts';

const clients = 4;

interface Shown {
  readonly status: number;
  readonly fingerprint: string;
}

/** Asks over a connection of the agent's, and trusts whatever is shown. */
async function ask(url: string, agent: Agent): Promise<Shown> {
  return new Promise((resolve, reject) => {
    request(`${url}/health/ready`, { agent, rejectUnauthorized: false }, (response) => {
      const { socket } = response;
      assert.ok(socket instanceof TLSSocket);
      const { fingerprint256: fingerprint } = socket.getPeerCertificate();
      response.resume().once('end', () => {
        resolve({ status: response.statusCode ?? 0, fingerprint });
      });
    })
      .on('error', reject)
      .end();
  });
}

/** Half of the clients keep their connection, the others make one for each request. */
function startClients(url: string): {
  readonly seen: () => readonly Shown[];
  end(): Promise<readonly unknown[]>;
} {
  const seen: Shown[] = [];
  const failures: unknown[] = [];
  let ended = false;
  const run = async (keepAlive: boolean): Promise<void> => {
    const agent = new Agent({ keepAlive, maxSockets: 1, maxCachedSessions: 0 });
    while (!ended) {
      await ask(url, agent).then(
        (shown) => seen.push(shown),
        (error: unknown) => failures.push(error),
      );
      await pause(20);
    }
    agent.destroy();
  };
  const running = Promise.all(Array.from({ length: clients }, (_, number) => run(number % 2 === 0)));
  return {
    seen: () => seen,
    end: async () => {
      ended = true;
      await running;
      return [...failures, ...seen.filter(({ status }) => status !== 200)];
    },
  };
}

describe('latchkey server --workers 2 with TLS', function () {
  this.timeout(60_000);
  let stage: WorkersStage;

  beforeEach(async () => {
    stage = await workersStage('LMDB');
  });
  afterEach(() => stage.close());

  /** What new connections are shown, several to each worker. */
  async function shownToNew(): Promise<ReadonlySet<string>> {
    const agent = new Agent({ keepAlive: false, maxCachedSessions: 0 });
    const shown = await Promise.all(Array.from({ length: 8 }, () => ask(stage.server.url, agent)));
    agent.destroy();
    return new Set(shown.map(({ fingerprint }) => fingerprint));
  }

  /** The workers that exchanged their certificate, with what they use since. */
  function exchanged(): ReadonlyMap<number, string> {
    const lines = stage.server
      .errors()
      .split('\n')
      .filter((line) => line.includes('the certificate was exchanged') && line.endsWith('}'))
      .map((line) => JSON.parse(line) as { readonly pid: number; readonly fingerprint: string });
    return new Map(lines.map(({ pid, fingerprint }) => [pid, fingerprint]));
  }

  /** Every worker shows one other certificate after SIGHUP, and no client notices more than that. */
  async function exchanges(replace: () => void): Promise<void> {
    const before = await shownToNew();
    assert.equal(before.size, 1);
    const busy = startClients(stage.server.url);
    await until(() => busy.seen().length > 4 * clients);
    replace();
    stage.server.process.kill('SIGHUP');
    await until(() => exchanged().size === 2);
    const after = await shownToNew();
    const enough = busy.seen().length + 4 * clients;
    await until(() => busy.seen().length > enough);
    assert.deepEqual(await busy.end(), []);
    assert.equal(after.size, 1);
    assert.ok(![...after].some((each) => before.has(each)));
    assert.deepEqual(
      new Set(busy.seen().map(({ fingerprint }) => fingerprint)),
      new Set([...before, ...after]),
    );
    assert.deepEqual([...exchanged().keys()].sort(), [...listeningPids(stage.server)].sort());
  }

  it('takes the certificate of its files anew in every worker at SIGHUP, without a request that fails', async () => {
    const authority = createCertificateAuthority();
    const [certFile, keyFile] = [join(stage.folder, 'tls.crt'), join(stage.folder, 'tls.key')];
    const install = ({ cert, key }: ServerCertificate): void => {
      writeFileSync(certFile, cert);
      writeFileSync(keyFile, key, { mode: 0o600 });
    };
    install(authority.issue());
    await stage.start({ LATCHKEY_TLS_CERT: certFile, LATCHKEY_TLS_KEY: keyFile });
    await exchanges(() => {
      install(authority.issue());
    });
  });

  it('shows one certificate of its own by all workers, and one other at SIGHUP where that is gone', async () => {
    await stage.start({ LATCHKEY_TLS_SELF_SIGNED: 'true' });
    await exchanges(() => {
      for (const name of readdirSync(stage.folder)) {
        if (/^tls-self-signed\.\d+\.pem$/.test(name)) rmSync(join(stage.folder, name));
      }
    });
    const [fingerprint] = await shownToNew();
    const kept = new X509Certificate(readFileSync(join(stage.folder, 'tls-self-signed.crt')));
    assert.equal(kept.fingerprint256, fingerprint);
  });
});
