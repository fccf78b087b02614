/** What the process of a service touches, shows and leaves behind. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { load, secretPath, setSecret, signIn, type Session } from '../support/client.ts';
import { startServerProcess, type ServerProcess } from '../support/server-process.ts';
import { temporaryDirectory } from '../support/temp.ts';

/** Where a descriptor of this process leads; the one that listed them is gone by now. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

const main = fileURLToPath(new URL('../../src/main.js', import.meta.url));
const dataKey = 'oKxMb3uS0vWlqv8nZ5cVJtQpE1mG7yR2hD4fT6kLx9A=';
const adminPassword = 'Tr0ub4dOr&3-and-more';
const writable = 0o3;

describe('the process of a service', () => {
  let folder: ReturnType<typeof temporaryDirectory>;
  let data: string;
  let empty: string;
  let server: ServerProcess;
  let admin: Session;

  before(async () => {
    folder = temporaryDirectory();
    data = join(folder.path, 'data');
    empty = join(folder.path, 'empty');
    mkdirSync(empty);
    // Its own habit, not that of whoever starts it, decides who may read what it makes.
    const mask = process.umask(0);
    try {
      server = await startServerProcess({
        LATCHKEY_DATA: data,
        LATCHKEY_DATA_KEY: dataKey,
        LATCHKEY_ADMIN_PASSWORD: adminPassword,
        HOME: empty,
        TMPDIR: empty,
        XDG_CONFIG_HOME: empty,
        XDG_CACHE_HOME: empty,
      });
    } finally {
      process.umask(mask);
    }
    const adminKey = readFileSync(join(data, 'admin.key'), 'utf8').trim();
    admin = await signIn({ ...server, adminKey } as unknown as Session['service']);
    await load(admin, '- !variable v');
    await setSecret(admin, 'v', 'a value that is kept to itself');
    assert.equal((await admin.send('GET', secretPath(admin.service, 'v'))).status, 200);
  });
  after(async () => {
    await server.stop();
    folder.remove();
  });

  it('writes into its data folder alone', () => {
    const descriptors = `/proc/${String(server.process.pid)}/fd`;
    // What the tests hold open themselves, the process was started with.
    const inherited = new Set(readdirSync('/proc/self/fd').map((own) => linkOf(join('/proc/self/fd', own))));
    for (const descriptor of readdirSync(descriptors)) {
      const target = readlinkSync(join(descriptors, descriptor));
      if (inherited.has(target)) continue;
      const info = readFileSync(`/proc/${String(server.process.pid)}/fdinfo/${descriptor}`, 'utf8');
      const flags = parseInt(/^flags:\s*(\d+)$/m.exec(info)?.[1] ?? '0', 8);
      const isFile = target.startsWith('/') && !target.startsWith('/dev/');
      if (isFile && (flags & writable) !== 0) assert.ok(target.startsWith(`${data}/`), target);
    }
    assert.deepEqual(readdirSync(empty), []);
  });

  it('makes everything for its owner only', () => {
    const paths = readdirSync(data, { recursive: true, encoding: 'utf8' });
    assert.ok(paths.includes('admin.key') && paths.some((path) => path.endsWith('data.mdb')));
    for (const path of ['.', ...paths]) {
      assert.equal(statSync(join(data, path)).mode & 0o077, 0, path);
    }
  });

  it('has no secret among its arguments', () => {
    const words = readFileSync(`/proc/${String(server.process.pid)}/cmdline`, 'utf8');
    assert.match(words, /main\.js/);
    for (const secret of [dataKey, adminPassword, admin.token, admin.service.adminKey]) {
      assert.ok(!words.includes(secret));
    }
  });

  it('leaves the debugger closed at SIGUSR1', async () => {
    server.process.kill('SIGUSR1');
    while (!server.errors().includes('SIGUSR1')) await new Promise((resolve) => setTimeout(resolve, 20));
    assert.doesNotMatch(server.errors(), /Debugger listening/);
    assert.equal((await admin.send('GET', '/whoami')).status, 200);
  });

  for (const [what, option, text] of [
    ['the data key', 'data-key-file', dataKey],
    ["the administrator's password", 'admin-password-file', adminPassword],
    [
      'a store with a password',
      'config',
      'store: redis://:hunter2hunter2@127.0.0.1:1/\ndata-key-file: ./k\n',
    ],
  ] as const) {
    it(`is not started with a file that others may read: ${what}`, async () => {
      const path = join(folder.path, `${option}.file`);
      writeFileSync(path, text);
      chmodSync(path, 0o644);
      const { code, errors } = await outcomeOf(`--${option}`, path);
      assert.equal(code, 2);
      assert.match(errors, /owner/);
      assert.ok(!errors.includes('hunter2'));
    });
  }

  it('is not started with a certificate whose key others may read', async () => {
    const path = join(folder.path, 'tls.pem');
    writeFileSync(path, 'x');
    chmodSync(path, 0o640);
    const { code, errors } = await outcomeOf('--tls-cert', path, '--tls-key', path);
    assert.equal(code, 2);
    assert.match(errors, /tls\.pem is open to others than its owner.*TLS_CREDENTIALS_INVALID/s);
  });

  async function outcomeOf(...flags: string[]): Promise<{ code: unknown; errors: string }> {
    const arguments_ = [main, 'server', '--port', '0', '--data', join(folder.path, 'other'), ...flags];
    const child = spawn(process.execPath, arguments_, {
      env: { PATH: process.env['PATH'] ?? '' },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let errors = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
    const [code] = (await once(child, 'close')) as unknown[];
    return { code, errors };
  }
});
