import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  load,
  secretPath,
  send,
  sessionOf,
  setSecret,
  signIn,
  tokenHeader,
  type Session,
} from '../support/client.ts';
import { describeOnStores } from '../support/on-stores.ts';
import { startRedis, type RedisServer } from '../support/redis-server.ts';
import { startTestService, testDataKey } from '../support/service.ts';
import { TestHome, type Run } from './support.ts';

const databases = ['restored', 'recorded', 'untouched'];

const policy = `
- !variable db/password
- !variable empty
- !host app
- !permit
  role: !host app
  privileges: [read, execute]
  resource: !variable db/password
`;

/** A backup of a service that runs meanwhile, each command as a process of its own. */
describeOnStores('latchkey backup and restore', (on) => {
  let home: TestHome;
  let redis: RedisServer;
  let admin: Session;
  let hostKey: string;
  let hostToken: string;
  let file: string;

  before(async function () {
    this.timeout(60_000);
    home = new TestHome();
    redis = await startRedis();
    admin = await signIn(on.service, 'admin', on.service.adminKey);
    const created = await load(admin, policy);
    hostKey = created.created_roles[`${on.service.account}:host:app`]?.api_key ?? '';
    for (const value of ['planted-one', 'planted-two', Buffer.from([0, 255, 10])]) {
      await setSecret(admin, 'db/password', value);
    }
    hostToken = (await signIn(on.service, 'host/app', hostKey)).token;
    file = join(home.path, 'made.backup');
    const made = await run(['backup', '--file', file]);
    assert.equal(made.code, 0, made.stderr);
  });
  after(async () => {
    home.remove();
    await redis.stop();
  });

  const run = (
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
    input = '',
  ): Promise<Run> => home.spawn(args, { env: { ...settings(), ...env }, input });

  const settings = (): Readonly<Record<string, string>> => {
    const { store } = on.service.config;
    const redisStore = store.driver === 'redis' ? { LATCHKEY_STORE: store.url.reveal() } : {};
    return { LATCHKEY_DATA: on.service.folder, LATCHKEY_DATA_KEY: testDataKey, ...redisStore };
  };

  /** In this process, which is quicker. */
  const runHere = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Run> =>
    home.run(args, { env: { ...settings(), ...env } });

  const targets = (name: string): readonly (readonly [string, Readonly<Record<string, string>>])[] => [
    [
      'LMDB',
      { LATCHKEY_DATA: join(home.path, name), LATCHKEY_STORE: `lmdb:${join(home.path, name, 'store')}` },
    ],
    [
      'Redis',
      {
        LATCHKEY_DATA: join(home.path, `${name}-redis`),
        LATCHKEY_STORE: `${redis.url}/${databases.indexOf(name)}`,
      },
    ],
  ];

  it('writes one file that only its owner can read, and in which nothing can be read', async () => {
    assert.equal(statSync(file).mode & 0o777, 0o600);
    const text = readFileSync(file, 'latin1');
    for (const planted of ['planted-one', 'planted-two', hostKey, 'db/password']) {
      assert.ok(!text.includes(planted), planted);
    }
    assert.deepEqual(
      readdirSync(home.path).filter((name) => name.includes('partial')),
      [],
    );
  });

  it('is verified without a store, and tells what is in it but no secret', async () => {
    const env = { LATCHKEY_DATA: join(home.path, 'nowhere'), LATCHKEY_STORE: 'lmdb:/nowhere/at/all' };
    const { code, stdout, stderr } = await runHere(['backup', 'verify', file, '--output', 'json'], env);
    assert.deepEqual([code, stderr], [0, '']);
    const { accounts } = JSON.parse(stdout) as {
      accounts: { id: string; records: Record<string, number> }[];
    };
    assert.deepEqual(
      accounts.map(({ id }) => id),
      ['!', on.service.account],
    );
    assert.deepEqual([accounts[1]?.records['secret'], accounts[1]?.records['secret-version']], [1, 2]);
    const piped = await home.run(['backup', 'verify', '-'], {
      env: { ...settings(), ...env },
      input: readFileSync(file),
    });
    assert.equal(piped.code, 0, piped.stderr);
    const plain = await runHere(['backup', 'verify', file], env);
    assert.match(
      plain.stdout,
      /^The backup is whole\ntaken at 20\d\d-.*\naccount !: .*\naccount acct: epoch \d+; records: /,
    );
  });

  it('is restored into either store, where everybody signs in and reads as before', async function () {
    this.timeout(60_000);
    for (const [name, env] of targets('restored')) {
      const restored = await runHere(['restore', file], env);
      assert.deepEqual([restored.code, restored.stderr], [0, ''], name);
      const service = await startTestService(env);
      try {
        const host = await signIn(service, 'host/app', hostKey);
        const path = secretPath(service, 'db/password');
        const newest = await host.send('GET', path);
        assert.deepEqual([newest.status, [...newest.bytes]], [200, [0, 255, 10]]);
        for (const [version, value] of [
          ['1', 'planted-one'],
          ['2', 'planted-two'],
        ] as const) {
          assert.equal((await host.send('GET', `${path}?version=${version}`)).text, value);
        }
        const before = await send(`${service.url}/whoami`, 'GET', { headers: tokenHeader(hostToken) });
        assert.equal(before.status, 200, 'an access token of before is accepted');
        const again = await signIn(service, 'admin', on.service.adminKey);
        await setSecret(again, 'db/password', 'four');
        assert.equal((await host.send('GET', `${path}?version=4`)).text, 'four');
        assert.equal((await host.send('GET', secretPath(service, 'empty'))).status, 404);
        const old = sessionOf(on.service, hostToken);
        assert.equal(
          (await old.send('GET', `${secretPath(on.service, 'db/password')}?version=4`)).status,
          404,
        );
      } finally {
        await service.stop();
      }
    }
  });

  it('is recorded, and so is restoring it', async () => {
    assert.match((await on.service.auditLines()).join('\n'), / !:!:root backed up accounts/);
    const [[, env] = ['', {}]] = targets('recorded');
    assert.equal((await runHere(['restore', file], env)).code, 0);
    const audit = readFileSync(join(env['LATCHKEY_DATA'] ?? '', 'audit.log'), 'utf8');
    assert.match(audit, / !:!:root restored accounts\n$/);
  });

  it('goes to standard output for a pipe, with nothing else', async () => {
    const { code, stdoutBytes, stderr } = await run(['backup', '--file', '-']);
    assert.deepEqual([code, stderr], [0, '']);
    const piped = join(home.path, 'piped.backup');
    writeFileSync(piped, stdoutBytes);
    assert.equal((await runHere(['backup', 'verify', piped])).code, 0);
    const both = await runHere(['backup', '--file', '-'], { LATCHKEY_AUDIT_FILE: '-' });
    assert.deepEqual([both.code, both.stdout], [2, '']);
  });

  it('has a name of its own where none is given', async () => {
    const { code, stdout } = await run(['backup', '--output', 'json']);
    assert.equal(code, 0);
    const { file: name } = JSON.parse(stdout) as { file: string };
    assert.match(name, /^latchkey-\d{8}T\d{6}Z\.backup$/);
    assert.ok(statSync(join(home.path, name)).isFile());
  });

  it('never replaces a file, and leaves none where it fails', async () => {
    const size = statSync(file).size;
    const again = await runHere(['backup', '--file', file]);
    assert.deepEqual([again.code, statSync(file).size], [2, size]);
    assert.match(again.stderr, /exists already/);
    for (const [args, text] of [
      [['backup', '--file', join(home.path, 'no-folder', 'x')], /no such file/],
      [['backup', '--file', `${file}/x`], /a part of the path is no folder/],
    ] as const) {
      const { code, stderr } = await runHere(args);
      assert.equal(code, 2, stderr);
      assert.match(stderr, text);
    }
  });

  it('says what is wrong with a file, a key, or a store', async () => {
    const garbage = join(home.path, 'garbage');
    writeFileSync(garbage, 'garbage');
    const cut = join(home.path, 'cut');
    writeFileSync(cut, readFileSync(file).subarray(0, -1));
    const other = Buffer.alloc(32, 8).toString('base64');
    const [[, empty] = ['', {}]] = targets('untouched');
    for (const [args, env, code, text] of [
      [['restore', garbage], empty, 2, /not a backup of Latchkey \(BACKUP_INVALID\)/],
      [['restore', cut], empty, 2, /altered, damaged or cut off \(BACKUP_INVALID\)/],
      [['restore', join(home.path, 'none')], empty, 2, /no such file/],
      [['restore', home.path], empty, 2, /is not a file/],
      [['restore', '-'], empty, 2, /read twice/],
      [
        ['restore', file],
        { ...empty, LATCHKEY_DATA_KEY: other },
        1,
        /data key [0-9a-f]{16}, .*\(DATA_KEY_UNKNOWN\)/,
      ],
      [['backup', 'verify', cut], empty, 2, /BACKUP_INVALID/],
      [['restore', file], {}, 1, /holds the account .*\(STORE_NOT_EMPTY\)/],
      [['restore', file, '--restart'], {}, 1, /STORE_NOT_EMPTY/],
      [['backup'], { LATCHKEY_STORE: `lmdb:${join(home.path, 'none')}` }, 2, /there is no store in/],
      [['backup'], { LATCHKEY_STORE: `${redis.url}/9` }, 2, /holds no accounts/],
      [['restore', file, '--no-such-setting'], empty, 2, /no-such-setting/],
    ] as const) {
      const { code: actual, stdout, stderr } = await runHere(args, env);
      assert.deepEqual([actual, stdout], [code, ''], stderr);
      assert.match(stderr, text);
    }
    const { status } = await admin.send('GET', secretPath(on.service, 'db/password'));
    assert.equal(status, 200);
    const restored = await runHere(['restore', file], empty);
    assert.equal(restored.code, 0, `the store stayed empty: ${restored.stderr}`);
  }).timeout(120_000);
});
