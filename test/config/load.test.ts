import assert from 'node:assert/strict';
import { LatchkeyError } from '../../src/domain/errors.ts';
import type { Loaded } from '../../src/config/load.ts';
import { loadConfig } from '../../src/config/load.ts';
import { optionList } from '../../src/config/options.ts';

interface Input {
  readonly argv?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
}

function load({ argv = [], env = {}, files = {} }: Input = {}): Loaded {
  return loadConfig({
    argv,
    env,
    readFile: (path) => {
      const text = files[path];
      if (text === undefined) throw new Error('no such file');
      return text;
    },
  });
}

function faultsOf(input: Input): readonly string[] {
  try {
    load(input);
  } catch (error) {
    assert.ok(error instanceof LatchkeyError);
    assert.equal(error.code, 'SETTING_INVALID');
    return error.message.split('\n');
  }
  return [];
}

const key = Buffer.alloc(32, 7).toString('base64');

describe('loadConfig', () => {
  it('has a default for everything that is needed', () => {
    const { config, warnings } = load();
    assert.deepEqual(warnings, []);
    assert.deepEqual(
      { ...config, store: { ...config.store } },
      {
        configFile: undefined,
        port: 8080,
        host: '127.0.0.1',
        publicUrl: undefined,
        dataFolder: './data',
        store: { driver: 'lmdb', path: './data/store' },
        account: 'default',
        dataKey: undefined,
        dataKeyFile: './data/data.key',
        adminKeyFile: './data/admin.key',
        adminPassword: undefined,
        adminPasswordFile: undefined,
        auditFile: './data/audit.log',
        auditFormat: 'rfc5424',
        authenticators: ['authn'],
        tlsCertFile: undefined,
        tlsKeyFile: undefined,
        tlsSelfSigned: false,
        hstsMaxAgeSeconds: 31_536_000,
        trustedProxies: [],
        logLevel: 'info',
        accessTokenTtlSeconds: 480,
        secretVersions: 20,
        policyVersions: 20,
        usersInRootPolicyOnly: false,
        apiKeyByDefault: true,
        maxPolicyBytes: 32 * 1024 * 1024,
        maxSecretBytes: 1024 * 1024,
        maxFailuresPerRoleAndAddress: 10,
        maxFailuresPerAddress: 100,
        maxFailuresPerRole: 100,
        failureWindowSeconds: 300,
        maxConcurrentRequests: 10_000,
        maxQueueDelayMs: 250,
        maxConnections: 16_384,
        maxConnectionsPerAddress: 4_096,
        headersTimeoutSeconds: 20,
        requestTimeoutSeconds: 120,
        transferGraceSeconds: 20,
        minTransferBytesPerSecond: 4_096,
        hostFactoriesEnabled: true,
        ldapBaseDn: undefined,
        ldapBindDn: undefined,
        ldapBindPassword: undefined,
        ldapFilter: undefined,
        ldapUri: undefined,
        stsEndpoint: undefined,
        signingKeyDays: 90,
        userPasswords: new Map(),
        dynamicSecretsEnabled: false,
        telemetryEnabled: false,
        redisWaitReplicas: 0,
        allowVolatileStore: false,
        allowInsecureIssuers: false,
        allowInsecureLdap: false,
        workers: 1,
        drainSeconds: 10,
        drainIdleSeconds: 2,
        gcpIssuer: 'https://accounts.google.com',
      },
    );
  });

  it('sets a property for every option, and one for the passwords of users', () => {
    assert.deepEqual(Object.keys(load().config), [
      ...optionList.map(([property]) => property),
      'userPasswords',
    ]);
  });

  it('freezes the settings and the lists in them', () => {
    const { config } = load();
    assert.ok(Object.isFrozen(config));
    assert.ok(Object.isFrozen(config.authenticators));
    assert.ok(Object.isFrozen(config.store));
  });

  it('takes a flag before the environment, that before the file, that before the default', () => {
    const files = { 'latchkey.yml': 'port: 1\nhost: file.test\naccount: file\n' };
    const env = { LATCHKEY_CONFIG: 'latchkey.yml', LATCHKEY_PORT: '2', LATCHKEY_HOST: 'env.test' };
    const { config } = load({ argv: ['--port', '3'], env, files });
    assert.equal(config.port, 3);
    assert.equal(config.host, 'env.test');
    assert.equal(config.account, 'file');
    assert.equal(config.drainSeconds, 10);
  });

  it('takes the file that the flag names before the one that the environment names', () => {
    const files = { 'a.yml': 'port: 1', 'b.yml': 'port: 2' };
    const { config } = load({ argv: ['--config=a.yml'], env: { LATCHKEY_CONFIG: 'b.yml' }, files });
    assert.equal(config.port, 1);
    assert.equal(config.configFile, 'a.yml');
  });

  it('puts what is kept on disk below the data folder', () => {
    const { config } = load({ argv: ['--data', '/var/lib/latchkey/'] });
    assert.deepEqual({ ...config.store }, { driver: 'lmdb', path: '/var/lib/latchkey/store' });
    assert.equal(config.dataKeyFile, '/var/lib/latchkey/data.key');
    assert.equal(config.adminKeyFile, '/var/lib/latchkey/admin.key');
    assert.equal(config.auditFile, '/var/lib/latchkey/audit.log');
  });

  it('keeps a data folder that looks like a replacement pattern', () => {
    assert.equal(load({ argv: ['--data', '/srv/$&'] }).config.auditFile, '/srv/$&/audit.log');
  });

  it('says everything that is wrong at once', () => {
    const env = { LATCHKEY_PORT: 'http', LATCHKEY_LOG_LEVEL: 'loud' };
    assert.deepEqual(faultsOf({ argv: ['--drain-seconds', 'long'], env }), [
      'LATCHKEY_PORT: expected a whole number from 0 to 65535',
      'LATCHKEY_LOG_LEVEL: expected one of fatal, error, warn, info, debug, trace, silent',
      '--drain-seconds: expected a whole number of seconds from 0 to 300',
    ]);
  });

  it('never repeats the value of a setting in a fault', () => {
    const marker = 'MARKER-b7c1';
    const files = { 'c.yml': `port: ${marker}\ndata-key: ${marker}\n` };
    const names = optionList
      .filter(([, { type }]) => type !== 'path' && type !== 'list')
      .map(([, { name }]) => name);
    const env = Object.fromEntries(
      names
        .filter((name) => name !== 'host' && name !== 'account' && name !== 'admin-password')
        .map((name) => [`LATCHKEY_${name.toUpperCase().replaceAll('-', '_')}`, marker]),
    );
    const faults = faultsOf({
      argv: ['--config', 'c.yml', `--data-key=${marker}`, '--', marker],
      env,
      files,
    });
    assert.ok(faults.length > 10, faults.join('\n'));
    assert.ok(!faults.join('\n').includes(marker), faults.join('\n'));
  });
});

describe('loadConfig, settings that depend on each other', () => {
  it('wants a certificate and its key together', () => {
    const fault = ['--tls-cert and --tls-key: expected both or neither'];
    assert.deepEqual(faultsOf({ argv: ['--tls-cert', 'a.pem'] }), fault);
    assert.deepEqual(faultsOf({ env: { LATCHKEY_TLS_KEY: 'a.pem' } }), fault);
    assert.deepEqual(faultsOf({ argv: ['--tls-cert', 'a.pem', '--tls-key', 'b.pem'] }), []);
  });

  it('wants the data key or its file, not both', () => {
    assert.deepEqual(faultsOf({ env: { LATCHKEY_DATA_KEY: key, LATCHKEY_DATA_KEY_FILE: 'k' } }), [
      'LATCHKEY_DATA_KEY and LATCHKEY_DATA_KEY_FILE: expected only one of them',
    ]);
  });

  it('wants a data key that is given for a store that processes share', () => {
    const argv = ['--store', 'redis://127.0.0.1:6379'];
    assert.match(faultsOf({ argv }).join(), /^LATCHKEY_DATA_KEY: expected with a networked store/);
    assert.deepEqual(faultsOf({ argv, env: { CONJUR_DATA_KEY: key } }), []);
    assert.deepEqual(faultsOf({ argv: [...argv, '--data-key-file', 'k'] }), []);
  });

  it('refuses a store password as a flag, and takes it from the environment', () => {
    const url = 'redis://:hunter2@127.0.0.1:6379';
    const faults = faultsOf({ argv: ['--store', url], env: { LATCHKEY_DATA_KEY: key } });
    assert.match(faults.join(), /^--store: expected no password/);
    assert.ok(!faults.join().includes('hunter2'));
    assert.deepEqual(faultsOf({ env: { LATCHKEY_STORE: url, LATCHKEY_DATA_KEY: key } }), []);
  });

  it('reads the admin password from a file, without the newline at its end', () => {
    const files = { pw: 'Correct Horse 1! \n', empty: '\n' };
    const { config } = load({ argv: ['--admin-password-file', 'pw'], files });
    assert.equal(config.adminPassword?.reveal(), 'Correct Horse 1! ');
    assert.deepEqual(faultsOf({ argv: ['--admin-password-file', 'empty'], files }), [
      '--admin-password-file: expected a file with a password, but it is empty',
    ]);
    assert.deepEqual(faultsOf({ env: { LATCHKEY_ADMIN_PASSWORD_FILE: 'missing' } }), [
      'LATCHKEY_ADMIN_PASSWORD_FILE: expected a file that can be read, and by its owner only',
    ]);
    const both = { argv: ['--admin-password-file', 'pw'], env: { CONJUR_ADMIN_PASSWORD: 'x' }, files };
    assert.deepEqual(faultsOf(both), [
      'CONJUR_ADMIN_PASSWORD and --admin-password-file: expected only one of them',
    ]);
  });
});

describe('loadConfig, warnings', () => {
  it('says when secrets would cross the network in the clear', () => {
    assert.match(load({ argv: ['--host', '0.0.0.0'] }).warnings.join(), /in the clear/);
    for (const host of ['127.0.0.1', '127.0.0.9', '::1', 'localhost']) {
      assert.deepEqual(load({ argv: ['--host', host] }).warnings, []);
    }
    const secured = ['--host', '0.0.0.0', '--tls-cert', 'c', '--tls-key', 'k'];
    assert.deepEqual(load({ argv: secured }).warnings, []);
    assert.deepEqual(load({ argv: ['--host', '::', '--trusted-proxies', '10.0.0.1'] }).warnings, []);
  });

  it('is loud about insecure issuers and volatile stores', () => {
    assert.match(load({ argv: ['--allow-insecure-issuers'] }).warnings.join(), /plain http/);
    assert.match(load({ env: { LATCHKEY_ALLOW_VOLATILE_STORE: 'true' } }).warnings.join(), /may lose/);
    const elsewhere = load({ env: { LATCHKEY_GCP_ISSUER: 'http://127.0.0.1:1' } });
    assert.match(elsewhere.warnings.join(), /not of Google/);
    const asked = load({ argv: ['--allow-insecure-ldap', '--sts-endpoint', 'http://127.0.0.1:1'] });
    assert.match(asked.warnings.join(), /without TLS.*--sts-endpoint/);
  });
});
