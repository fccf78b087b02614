import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { createRemoteJWKSet, jwtVerify } from 'jose';

const program = fileURLToPath(new URL('../../scripts/issuer.js', import.meta.url));

describe('scripts/issuer', function () {
  this.timeout(60_000);
  let port: string;
  let started: ChildProcess | undefined;

  beforeEach(async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    port = String((server.address() as AddressInfo).port);
    server.close();
    await once(server, 'close');
  });
  afterEach(() => {
    started?.kill('SIGKILL');
    started = undefined;
  });

  const launch = (args: readonly string[]): ChildProcess =>
    spawn(process.execPath, [program, ...args], { env: { ISSUER_PORT: port } });

  const run = async (...args: readonly string[]): Promise<readonly [number | null, string, string]> => {
    const child = launch(args);
    const closed = once(child, 'close');
    const [stdout, stderr] = await Promise.all([text(child.stdout!), text(child.stderr!)]);
    await closed;
    return [child.exitCode, stdout, stderr];
  };

  const start = async (): Promise<ChildProcess> => {
    started = launch([]);
    await once(started.stdout!, 'data');
    return started;
  };

  it('gives ID tokens that verify by what it publishes, until it is stopped', async () => {
    const child = await start();
    const [code, token] = await run('token', 'alice');
    assert.equal(code, 0);
    const url = `http://127.0.0.1:${port}`;
    const keys = createRemoteJWKSet(new URL(`${url}/jwks`));
    const { payload } = await jwtVerify(token.trim(), keys, { issuer: url, audience: 'the-application' });
    assert.equal(payload['preferred_username'], 'alice');

    const [taken, , said] = await run();
    assert.deepEqual([taken, /port \d+ is in use/.test(said)], [1, true]);
    child.kill('SIGINT');
    assert.deepEqual(await once(child, 'exit'), [0, null]);
  });

  it('says how to start it, where it does not run', async () => {
    const [code, stdout, stderr] = await run('token', 'alice');
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(stderr, /start it in another terminal: scripts\/issuer/);
  });

  it('says how it is used, where a command or user is not known', async () => {
    for (const args of [['token'], ['token', 'carol'], ['tokn'], ['token', 'alice', 'bob']]) {
      const [code, stdout, stderr] = await run(...args);
      assert.deepEqual([code, stdout], [2, ''], args.join(' '));
      assert.match(stderr, /alice or bob/);
    }
  });
});
