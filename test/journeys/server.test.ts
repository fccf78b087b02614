import assert from 'node:assert/strict';
import { chmodSync, readdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { load, secretPath, send, setSecret, signIn, type Session } from '../support/client.ts';
import { startServerProcess, type ServerProcess } from '../support/server-process.ts';
import { temporaryDirectory } from '../support/temp.ts';
import { hasLogged, until } from '../support/workers.ts';

/** No key in the environment: the service makes its own. */
const ownKey = { LATCHKEY_DATA_KEY: '' };

function adminKeyIn(folder: string): string {
  return readFileSync(join(folder, 'admin.key'), 'utf8').trim();
}

function asService(server: ServerProcess, folder: string): Session['service'] {
  return { ...server, adminKey: adminKeyIn(folder) } as unknown as Session['service'];
}

describe('latchkey server', () => {
  let folder: ReturnType<typeof temporaryDirectory>;

  beforeEach(() => {
    folder = temporaryDirectory();
  });
  afterEach(() => {
    folder.remove();
  });

  const start = (env: Record<string, string> = {}): Promise<ServerProcess> =>
    startServerProcess({ LATCHKEY_DATA: folder.path, ...ownKey, ...env });

  it('makes data key, account and administrator at the first start, each for its owner only', async () => {
    const server = await start();
    for (const file of ['data.key', 'admin.key', 'audit.log']) {
      assert.equal(statSync(join(folder.path, file)).mode & 0o777, 0o600, file);
    }
    await signIn(asService(server, folder.path));
    assert.equal(await server.stop(), 0);
  });

  it('starts again with what is there, and keeps it', async () => {
    const first = await start();
    const admin = await signIn(asService(first, folder.path));
    await load(admin, '- !variable v');
    await setSecret(admin, 'v', 'kept');
    const keys = ['data.key', 'admin.key'].map((file) => readFileSync(join(folder.path, file), 'utf8'));
    assert.equal(await first.stop(), 0);
    const second = await start();
    assert.deepEqual(
      ['data.key', 'admin.key'].map((file) => readFileSync(join(folder.path, file), 'utf8')),
      keys,
    );
    const again = await signIn(asService(second, folder.path));
    assert.equal((await again.send('GET', secretPath(again.service, 'v'))).text, 'kept');
    assert.equal(await second.stop(), 0);
  });

  it('verifies after a restart what it issued before', async () => {
    const first = await start();
    const admin = await signIn(asService(first, folder.path));
    await first.stop();
    const second = await start();
    const answer = await send(`${second.url}/whoami`, 'GET', {
      headers: { authorization: `Token token="${Buffer.from(admin.token).toString('base64')}"` },
    });
    assert.equal(answer.status, 200);
    await second.stop();
  });

  it('refuses a data key that the store was not made with, and changes nothing', async () => {
    const server = await start();
    await server.stop();
    const before = readFileSync(join(folder.path, 'store', 'data.mdb'));
    const other = Buffer.alloc(32, 9).toString('base64');
    await assert.rejects(
      start({ LATCHKEY_DATA_KEY: other }),
      /data key is not the one that this store was made with/,
    );
    assert.deepEqual(readFileSync(join(folder.path, 'store', 'data.mdb')), before);
  });

  it('does not make a new data key for a store that has one already', async () => {
    const server = await start();
    await server.stop();
    const files = readdirSync(folder.path).filter((file) => file !== 'data.key');
    renameSync(join(folder.path, 'data.key'), join(folder.path, 'elsewhere'));
    await assert.rejects(start(), /data key/i);
    assert.ok(!readdirSync(folder.path).includes('data.key'));
    assert.deepEqual(
      readdirSync(folder.path)
        .filter((file) => file !== 'elsewhere')
        .sort(),
      files.sort(),
    );
  });

  it('refuses a data key that others can read', async () => {
    const server = await start();
    await server.stop();
    chmodSync(join(folder.path, 'data.key'), 0o644);
    await assert.rejects(start(), /chmod 600/);
  });

  it('says what is wrong with a setting, without repeating it', async () => {
    const wrong = 'planted-data-key';
    await assert.rejects(start({ LATCHKEY_DATA_KEY: wrong }), (error: Error) => {
      assert.match(error.message, /LATCHKEY_DATA_KEY: expected 32 bytes in base64/);
      assert.ok(!error.message.includes(wrong));
      return true;
    });
  });

  it('sets the administrator’s password where one is given', async () => {
    const server = await start({ CONJUR_ADMIN_PASSWORD: 'SEcret12!!!!' });
    const headers = { authorization: `Basic ${Buffer.from('admin:SEcret12!!!!').toString('base64')}` };
    const answer = await send(`${server.url}/authn/${server.account}/login`, 'GET', { headers });
    assert.equal(answer.text, adminKeyIn(folder.path));
    await server.stop();
  });

  it('loses nothing that it acknowledged when it is killed', async () => {
    for (let round = 0; round < 3; round += 1) {
      const server = await start();
      const admin = await signIn(asService(server, folder.path));
      await load(admin, `- !variable round-${String(round)}`);
      const acknowledged: string[] = [];
      const writers = Array.from({ length: 8 }, async (_, writer) => {
        for (let number = 0; ; number += 1) {
          const identifier = `round-${String(round)}/w${String(writer)}-${String(number)}`;
          await load(admin, `- !variable ${identifier}`);
          await setSecret(admin, identifier, `value of ${identifier}`);
          acknowledged.push(identifier);
        }
      });
      const ended = Promise.allSettled(writers);
      while (acknowledged.length < 20) await new Promise((resolve) => setTimeout(resolve, 5));
      await server.kill();
      await ended;
      const restarted = await start();
      const again = await signIn(asService(restarted, folder.path));
      for (const identifier of acknowledged) {
        const answer = await again.send('GET', secretPath(again.service, identifier));
        assert.equal(answer.text, `value of ${identifier}`);
      }
      await restarted.stop();
    }
  }).timeout(60_000);

  it('finishes a request that runs when it is told to stop', async () => {
    const server = await start({ LATCHKEY_LOG_LEVEL: 'info' });
    const admin = await signIn(asService(server, folder.path));
    await load(admin, '- !variable v');
    const { port, hostname } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    const token = Buffer.from(admin.token).toString('base64');
    socket.write(
      `POST ${secretPath(admin.service, 'v')} HTTP/1.1\r\nHost: x\r\nAuthorization: Token token="${token}"\r\nContent-Length: 4\r\n\r\nab`,
    );
    // The answer to what is sent next on another connection shows that the first one has arrived.
    await fetch(`${server.url}/health/live`);
    const stopped = server.stop();
    await until(() => hasLogged(server, 'stopping'));
    let answer = '';
    socket.setEncoding('utf8').on('data', (text: string) => {
      answer += text;
    });
    socket.write('cd');
    assert.equal(await stopped, 0);
    assert.match(answer, /^HTTP\/1\.1 201 /);
  });

  it('serves no secret while no audit record can be written', async () => {
    const first = await start();
    const admin = await signIn(asService(first, folder.path));
    await load(admin, '- !variable v');
    await setSecret(admin, 'v', 'kept');
    await first.stop();
    const server = await start({ LATCHKEY_AUDIT_FILE: '/dev/full' });
    const headers = { authorization: `Token token="${Buffer.from(admin.token).toString('base64')}"` };
    const path = server.url + secretPath(admin.service, 'v');
    for (const answer of [
      await send(path, 'GET', { headers }),
      await send(path, 'POST', { headers, body: 'new' }),
      await send(`${server.url}/authn/${server.account}/admin/authenticate`, 'POST', {
        body: adminKeyIn(folder.path),
      }),
    ]) {
      assert.equal(answer.status, 503);
      assert.equal(answer.text, '');
    }
    await server.stop();
  });

  it('prints no secret anywhere, not even at the first start', async () => {
    const server = await start({ LATCHKEY_LOG_LEVEL: 'trace' });
    const admin = await signIn(asService(server, folder.path));
    await load(admin, '- !variable v');
    await setSecret(admin, 'v', 'planted-value-3');
    await send(`${server.url}/authn/${server.account}/admin/authenticate`, 'POST', { body: 'planted-key-3' });
    await server.stop();
    const everything = server.errors() + readFileSync(join(folder.path, 'audit.log'), 'utf8');
    const dataKey = readFileSync(join(folder.path, 'data.key'), 'utf8').trim();
    for (const secret of [
      'planted-value-3',
      'planted-key-3',
      adminKeyIn(folder.path),
      dataKey,
      admin.token,
    ]) {
      assert.ok(!everything.includes(secret));
    }
  });
});
