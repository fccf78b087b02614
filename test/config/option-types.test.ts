import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import type { z } from 'zod';
import { options } from '../../src/config/options.ts';
import type { Property } from '../../src/config/options.ts';
import { SecretSetting } from '../../src/config/secret-setting.ts';

function read(property: Property, text: string): unknown {
  const schema: z.ZodType<unknown, string> = options[property].schema;
  const result = schema.safeParse(text);
  return result.success ? result.data : 'refused';
}

function refuses(property: Property, ...texts: readonly string[]): void {
  for (const text of texts) assert.equal(read(property, text), 'refused', text);
}

describe('option values', () => {
  it('hold numbers to their limits', () => {
    assert.equal(read('port', '0'), 0);
    assert.equal(read('port', ' 65535 '), 65_535);
    refuses('port', '65536', '-1', '1.5', '1e3', '0x10', '', 'abc', '9'.repeat(40));
    assert.equal(read('accessTokenTtlSeconds', '18000'), 18_000);
    refuses('accessTokenTtlSeconds', '0', '18001', '8m');
    refuses('secretVersions', '0', '1001');
    refuses('drainSeconds', '301');
    refuses('redisWaitReplicas', '17');
  });

  it('take sizes in bytes, KiB and MiB', () => {
    assert.equal(read('maxSecretBytes', '65536'), 65_536);
    assert.equal(read('maxSecretBytes', '64KiB'), 65_536);
    assert.equal(read('maxSecretBytes', '2 MiB'), 2 * 1024 * 1024);
    refuses('maxSecretBytes', '1023', '16MiB', '1GiB', '1kb', '', 'MiB', '1.5MiB');
    assert.equal(read('maxPolicyBytes', '64MiB'), 64 * 1024 * 1024);
    refuses('maxPolicyBytes', '65MiB');
  });

  it('take addresses of directories, and lines of text', () => {
    assert.equal(read('ldapUri', 'ldaps://[::1]:1636'), 'ldaps://[::1]:1636');
    refuses(
      'ldapUri',
      'https://a.example',
      'ldap://',
      'ldap://me@a.example',
      'ldap://a.example/dc=x',
      'ldap://a b',
    );
    assert.equal(read('ldapFilter', '(uid=%s)'), '(uid=%s)');
    refuses('ldapFilter', '', 'a\nb', 'x'.repeat(5_000));
  });

  it('take words and switches in any case', () => {
    assert.equal(read('auditFormat', 'JSON'), 'json');
    assert.equal(read('logLevel', 'Debug'), 'debug');
    refuses('auditFormat', 'syslog', '');
    assert.equal(read('allowVolatileStore', 'TRUE'), true);
    assert.equal(read('allowVolatileStore', 'false'), false);
    refuses('allowVolatileStore', '1', 'yes', '', 'constructor');
  });

  it('take hosts, paths and account names', () => {
    for (const host of ['0.0.0.0', '::', 'vault.internal']) assert.equal(read('host', host), host);
    refuses('host', '', 'a b', 'http://a/');
    assert.equal(read('auditFile', '-'), '-');
    refuses('auditFile', '', 'a\0b');
    assert.equal(read('account', 'acme.prod'), 'acme.prod');
    refuses('account', 'a b', 'a:b', 'a/b', '', 'x'.repeat(129));
  });

  it('take a data key of exactly 32 bytes', () => {
    const key = Buffer.alloc(32, 200).toString('base64');
    const value = read('dataKey', `${key}\n`);
    assert.ok(value instanceof SecretSetting);
    assert.equal(value.reveal(), key);
    refuses(
      'dataKey',
      Buffer.alloc(31).toString('base64'),
      Buffer.alloc(33).toString('base64'),
      'x'.repeat(44),
      '',
    );
    refuses('dataKey', key.replace('=', ''), `${key.slice(0, 42)}B=`);
  });

  it('take a password as it is', () => {
    const value = read('adminPassword', ' blank at both ends ');
    assert.ok(value instanceof SecretSetting);
    assert.equal(value.reveal(), ' blank at both ends ');
    refuses('adminPassword', '');
  });
});

describe('authenticators', () => {
  it('are a comma list with blanks trimmed and repetitions dropped', () => {
    assert.deepEqual(read('authenticators', ' authn , authn-oidc/okta,, authn-jwt/ci/one,authn,authn-gcp'), [
      'authn',
      'authn-oidc/okta',
      'authn-jwt/ci/one',
      'authn-gcp',
    ]);
  });

  it('of an unknown type are refused with the likely spelling', () => {
    const result = options.authenticators.schema.safeParse('authn, authn-odic/okta, ldap');
    assert.deepEqual(
      result.error?.issues.map(({ message }) => message),
      [
        'unknown authenticator type "authn-odic"; did you mean authn-oidc?',
        'unknown authenticator type "ldap"',
      ],
    );
  });

  it('want a service id after a slash, and none for authn', () => {
    refuses('authenticators', 'authn-oidc/', 'authn/x', 'authn-oidc/a b', ',', '');
  });
});

describe('trusted proxies', () => {
  it('are addresses and CIDR ranges of both families', () => {
    assert.deepEqual(read('trustedProxies', '10.0.0.1, 10.0.0.0/8,::1,fd00::/8'), [
      '10.0.0.1',
      '10.0.0.0/8',
      '::1',
      'fd00::/8',
    ]);
    assert.deepEqual(read('trustedProxies', ''), []);
    refuses(
      'trustedProxies',
      '10.0.0.0/33',
      '::/129',
      '10.0.0',
      'proxy.test',
      '10.0.0.0/8/8',
      '10.0.0.0/',
      'fe80::1%eth0',
    );
  });
});

describe('store addresses', () => {
  it('name an LMDB folder', () => {
    assert.deepEqual(read('store', 'lmdb:./data'), { driver: 'lmdb', path: './data' });
    assert.deepEqual(read('store', 'lmdb:/var/lib/x y'), { driver: 'lmdb', path: '/var/lib/x y' });
    refuses('store', 'lmdb:', 'lmdb://data', './data', '');
  });

  it('name a Redis or Valkey deployment in each of its forms', () => {
    for (const url of [
      'redis://127.0.0.1',
      'redis://127.0.0.1:6379/2',
      'redis://[::1]:6379',
      'rediss://store.test:6380',
      'redis+unix:///run/redis.sock',
      'redis+sentinel://a:26379,b:26379/main',
      'redis+sentinel://a/main/1',
      'redis+cluster://a:6379,b:6379',
    ]) {
      const value = read('store', url) as { driver: string; url: SecretSetting; shown: string };
      assert.equal(value.driver, 'redis');
      assert.equal(value.url.reveal(), url);
      assert.equal(value.shown, url);
    }
  });

  it('of another form are refused', () => {
    refuses(
      'store',
      'redis://',
      'redis:127.0.0.1',
      'http://a',
      'mysql://a',
      'redis+sentinel://a:1',
      'redis+unix://',
    );
    refuses(
      'store',
      'redis+cluster://a:1,',
      'redis://a:b',
      'redis://a b',
      'constructor://a',
      '__proto__://a',
    );
  });

  it('hide user and password', () => {
    const value = read('store', 'redis://app:p@ss/word@h:1/0') as Record<string, unknown>;
    assert.equal(value['hasPassword'], true);
    assert.equal(value['shown'], 'redis://h:1/0');
    assert.ok(!`${JSON.stringify(value)}${inspect(value, { depth: 9, showHidden: true })}`.includes('p@ss'));
  });
});

describe('SecretSetting', () => {
  it('shows nothing unless revealed', () => {
    const secret = new SecretSetting('hunter2');
    assert.equal(String(secret), '[secret]');
    assert.equal(JSON.stringify({ secret }), '{"secret":"[secret]"}');
    assert.equal(inspect({ secret }), '{ secret: [secret] }');
    assert.equal(secret.reveal(), 'hunter2');
  });
});
