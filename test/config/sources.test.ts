import assert from 'node:assert/strict';
import { LatchkeyError } from '../../src/domain/errors.ts';
import type { Config } from '../../src/config/options.ts';
import { environmentNames, optionList, options } from '../../src/config/options.ts';
import { clientVariables } from '../../src/config/client-variables.ts';
import { loadConfig } from '../../src/config/load.ts';

function fromFlags(...argv: readonly string[]): Config {
  return loadConfig({ argv, env: {}, readFile: unreadable }).config;
}

function fromEnvironment(env: Readonly<Record<string, string>>): ReturnType<typeof loadConfig> {
  return loadConfig({ argv: [], env, readFile: unreadable });
}

function fromFile(text: string): Config {
  return loadConfig({ argv: ['--config', 'c.yml'], env: {}, readFile: () => text }).config;
}

function unreadable(): never {
  throw new Error('no such file');
}

function faultOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    assert.ok(error instanceof LatchkeyError && error.code === 'SETTING_INVALID');
    return error.message;
  }
  return '';
}

const key = Buffer.alloc(32, 9).toString('base64');

describe('flags', () => {
  it('take their value from the next argument or after an equals sign', () => {
    assert.equal(fromFlags('--port', '1').port, 1);
    assert.equal(fromFlags('--port=2').port, 2);
    assert.equal(fromFlags('--port', '1', '--port', '2').port, 2);
    assert.equal(fromFlags('--audit-file', '-').auditFile, '-');
  });

  it('switch on without a value, and take one after an equals sign', () => {
    assert.equal(fromFlags('--allow-volatile-store').allowVolatileStore, true);
    assert.equal(fromFlags('--allow-volatile-store=false').allowVolatileStore, false);
    assert.match(
      faultOf(() => fromFlags('--allow-volatile-store=yes')),
      /true or false/,
    );
  });

  it('without the value that they need are named', () => {
    assert.equal(
      faultOf(() => fromFlags('--port')),
      '--port: expected a value, a whole number from 0 to 65535',
    );
    assert.equal(
      faultOf(() => fromFlags('--port', '--host', 'x')).split('\n')[0],
      '--port: expected a value, a whole number from 0 to 65535',
    );
  });

  it('that are unknown are refused with the likely spelling', () => {
    assert.equal(
      faultOf(() => fromFlags('--prot', '1')).split('\n')[0],
      '--prot: expected a known flag; did you mean --port?',
    );
    assert.equal(
      faultOf(() => fromFlags('--completely-different')),
      '--completely-different: expected a known flag',
    );
    assert.match(
      faultOf(() => fromFlags('-p', '1')),
      /^-p: expected a known flag/,
    );
  });

  it('refuse arguments that belong to none', () => {
    assert.match(
      faultOf(() => fromFlags('--port', '1', 'stray')),
      /^argument 3: expected a flag/,
    );
  });

  it('never take a secret', () => {
    for (const name of ['data-key', 'admin-password']) {
      const fault = faultOf(() => fromFlags(`--${name}=hunter2`));
      assert.match(fault, /expected in LATCHKEY_[A-Z_]+ or the file of --[a-z-]+-file/);
      assert.ok(!fault.includes('hunter2'));
    }
  });
});

describe('environment', () => {
  it('names every option after its flag', () => {
    for (const [, option] of optionList) {
      assert.equal(environmentNames(option)[0], `LATCHKEY_${option.name.replaceAll('-', '_').toUpperCase()}`);
    }
  });

  it("takes Conjur's names for what means the same", () => {
    const { config, warnings } = fromEnvironment({
      CONJUR_ACCOUNT: 'acme',
      CONJUR_DATA_KEY: key,
      CONJUR_ADMIN_PASSWORD: 'Pass word 1',
      CONJUR_AUTHENTICATORS: 'authn,authn-oidc/okta',
      CONJUR_USER_AUTHORIZATION_TOKEN_TTL: '60',
      CONJUR_TRUSTED_PROXIES: '10.0.0.0/8',
      SECRETS_VERSION_LIMIT: '5',
      POLICIES_VERSION_LIMIT: '6',
    });
    assert.equal(config.account, 'acme');
    assert.equal(config.dataKey?.reveal(), key);
    assert.equal(config.adminPassword?.reveal(), 'Pass word 1');
    assert.deepEqual(config.authenticators, ['authn', 'authn-oidc/okta']);
    assert.equal(config.accessTokenTtlSeconds, 60);
    assert.deepEqual(config.trustedProxies, ['10.0.0.0/8']);
    assert.equal(config.secretVersions, 5);
    assert.equal(config.policyVersions, 6);
    assert.deepEqual(warnings, []);
    assert.deepEqual(fromEnvironment({ TRUSTED_PROXIES: '::1' }).config.trustedProxies, ['::1']);
  });

  it("prefers Latchkey's name to an alias and says so when they differ", () => {
    const same = fromEnvironment({ LATCHKEY_ACCOUNT: 'a', CONJUR_ACCOUNT: 'a' });
    assert.deepEqual(same.warnings, []);
    const { config, warnings } = fromEnvironment({ LATCHKEY_ACCOUNT: 'a', CONJUR_ACCOUNT: 'b' });
    assert.equal(config.account, 'a');
    assert.deepEqual(warnings, ['CONJUR_ACCOUNT is not used, because LATCHKEY_ACCOUNT says otherwise']);
  });

  it('takes an empty variable for one that is not set', () => {
    assert.equal(fromEnvironment({ LATCHKEY_PORT: '' }).config.port, 8080);
    assert.equal(fromEnvironment({ LATCHKEY_ACCOUNT: '', CONJUR_ACCOUNT: 'b' }).config.account, 'b');
  });

  it('warns of names that nothing reads, with the likely spelling', () => {
    assert.deepEqual(fromEnvironment({ LATCHKEY_PROT: '1', LATCHKEY_XYZZY_PLUGH_QUUX: '1' }).warnings, [
      'LATCHKEY_PROT is not a setting; did you mean LATCHKEY_PORT?',
      'LATCHKEY_XYZZY_PLUGH_QUUX is not a setting',
    ]);
  });

  it("does not warn of the client commands' variables, nor of anybody else's", () => {
    const names = [...Object.values(clientVariables).flat(), 'PATH', 'CONJUR_PASSWORD_BOB'];
    assert.deepEqual(fromEnvironment(Object.fromEntries(names.map((name) => [name, 'x']))).warnings, []);
  });
});

describe('configuration file', () => {
  it('is a YAML mapping of option names', () => {
    const config = fromFile(
      'port: 0\nallow-volatile-store: true\nlog-level: debug\nmax-secret-bytes: 64KiB\n' +
        'authenticators: [authn, authn-oidc/okta]\ntrusted-proxies:\n  - 10.0.0.1\n  - fd00::/8\n',
    );
    assert.equal(config.port, 0);
    assert.equal(config.allowVolatileStore, true);
    assert.equal(config.logLevel, 'debug');
    assert.equal(config.maxSecretBytes, 65_536);
    assert.deepEqual(config.authenticators, ['authn', 'authn-oidc/okta']);
    assert.deepEqual(config.trustedProxies, ['10.0.0.1', 'fd00::/8']);
  });

  it('may be empty or only comments', () => {
    assert.equal(fromFile('').port, 8080);
    assert.equal(fromFile('# nothing\n\n  # yet\n').port, 8080);
  });

  it('that cannot be read, is no YAML or no mapping is refused', () => {
    assert.equal(
      faultOf(() => fromFlags('--config', 'gone.yml')),
      '--config: expected a file that can be read, but gone.yml cannot',
    );
    assert.match(
      faultOf(() => fromFile('port: 1\nhost: [')),
      /^c\.yml \(line 2\): expected YAML/,
    );
    assert.match(
      faultOf(() => fromFile('port: 1\nport: 2')),
      /duplicated mapping key/,
    );
    assert.equal(
      faultOf(() => fromFile('- port')),
      'c.yml: expected a YAML mapping of settings',
    );
  });

  it('with an unknown key is refused with the likely spelling', () => {
    assert.equal(
      faultOf(() => fromFile('prot: 1')),
      'prot in c.yml: expected a known setting; did you mean port?',
    );
    assert.match(
      faultOf(() => fromFile('config: other.yml')),
      /^config in c\.yml: expected a known setting/,
    );
    assert.match(
      faultOf(() => fromFile('__proto__: 1')),
      /expected a known setting/,
    );
  });

  it('with a value of another shape is refused by name', () => {
    assert.equal(
      faultOf(() => fromFile('port:')),
      `port in c.yml: expected ${options.port.limits}`,
    );
    assert.equal(
      faultOf(() => fromFile('port: [1]')),
      `port in c.yml: expected ${options.port.limits}`,
    );
    assert.match(
      faultOf(() => fromFile('authenticators: [[authn]]')),
      /^authenticators in c\.yml: expected/,
    );
    assert.match(
      faultOf(() => fromFile('port: 99999')),
      /^port in c\.yml: expected a whole number/,
    );
  });

  it('never takes a secret', () => {
    const fault = faultOf(() => fromFile('data-key: hunter2\nadmin-password: hunter2'));
    assert.match(
      fault,
      /^data-key in c\.yml: expected in LATCHKEY_DATA_KEY or the file that data-key-file names/,
    );
    assert.ok(!fault.includes('hunter2'));
  });
});
