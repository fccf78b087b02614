import assert from 'node:assert/strict';
import { AccountState } from '../../../../src/domain/accounts/account-state.ts';
import type { Authority } from '../../../../src/domain/accounts/authority.ts';
import { directoryOf } from '../../../../src/domain/authn/ldap/directory-settings.ts';
import { isFailure } from '../../../../src/domain/errors.ts';
import { toAccount, toResourceId } from '../../../../src/domain/ids.ts';
import type { DomainSettings } from '../../../../src/domain/services.ts';
import { openKeyring } from '../../../../src/drivers/keyring/keyring.ts';
import type { Directory } from '../../../../src/ports/ldap-directory.ts';
import { MemoryAudit } from '../../../support/audit.ts';
import { defaultSettings } from '../../../support/domain-settings.ts';

const account = toAccount('acct');
const webservice = toResourceId(account, 'webservice', 'conjur/authn-ldap/test');
const keyring = openKeyring({ dataKey: Buffer.alloc(32) });
const epoch = { lineage: 'one', counter: 1 };
const configured = {
  ldapUri: 'ldaps://ldap.example.net',
  ldapBaseDn: 'dc=example',
  ldapBindDn: 'cn=reader',
  ldapBindPassword: { reveal: () => 'secret' },
};

/** The settings of a service that has annotations, and no variables. */
async function read(
  annotations: Readonly<Record<string, string>>,
  settings: Partial<DomainSettings> = {},
): Promise<Directory> {
  const state = new AccountState(account, epoch, keyring);
  for (const [name, value] of Object.entries(annotations)) {
    state.graph.put({ table: 'annotation', resource: webservice, name: `ldap-authn/${name}`, value });
  }
  const authority = { records: async () => ({ epoch, records: [] }) } as unknown as Authority;
  const services = {
    authority,
    keyring,
    audit: new MemoryAudit(),
    clock: { now: () => 0 },
    settings: { ...defaultSettings, ...settings },
  };
  return directoryOf(services, { requestId: '1', clientIp: '127.0.0.1' }, state, webservice);
}

describe('directoryOf', () => {
  it('takes everything from the configuration where policy says nothing', async () => {
    assert.deepEqual(await read({}, configured), {
      host: 'ldap.example.net',
      port: 636,
      security: 'tls',
      binding: { dn: 'cn=reader', password: 'secret' },
      baseDn: 'dc=example',
      filterTemplate: '(&(objectClass=posixAccount)(uid=%s))',
    });
  });

  it('prefers annotations', async () => {
    const annotations = {
      host: '::1',
      port: '1389',
      connect_type: 'tls',
      base_dn: 'dc=other',
      filter_template: '(mail=%s)',
    };
    assert.deepEqual(await read(annotations, configured), {
      host: '::1',
      port: 1_389,
      security: 'starttls',
      baseDn: 'dc=other',
      filterTemplate: '(mail=%s)',
    });
  });

  it('reads addresses, with the port that goes with the scheme', async () => {
    for (const [uri, host, port, security] of [
      ['ldap://a.example', 'a.example', 389, 'none'],
      ['ldaps://a.example', 'a.example', 636, 'tls'],
      ['ldap://10.0.0.1:1389/', '10.0.0.1', 1_389, 'none'],
      ['ldaps://[2001:db8::1]:1636', '2001:db8::1', 1_636, 'tls'],
    ] as const) {
      const directory = await read({ uri });
      assert.deepEqual([directory.host, directory.port, directory.security], [host, port, security]);
    }
  });

  for (const name of ['uri', 'host', 'port'] as const) {
    it(`binds as nobody where an annotation names another ${name} than the configuration`, async () => {
      const value = { uri: 'ldap://evil.example', host: 'evil.example', port: '1389' }[name];
      assert.equal((await read({ [name]: value }, configured)).binding, undefined);
    });
  }

  it('binds as nobody where an annotation gives up the TLS of the configuration', async () => {
    const secure = { ...configured, ldapUri: 'ldaps://ldap.example' };
    assert.equal((await read({ connect_type: 'plain' }, secure)).binding, undefined);
    for (const type of ['ssl', 'tls'])
      assert.notEqual((await read({ connect_type: type }, secure)).binding, undefined);
    assert.notEqual((await read({}, secure)).binding, undefined);
  });

  const faults: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
    ['no server', {}],
    ['an address of another scheme', { uri: 'https://a.example' }],
    ['an address with a password', { uri: 'ldap://me:secret@a.example' }],
    ['what is no address', { uri: 'a.example' }],
    ['a port that is none', { host: 'a.example', port: '0' }],
    ['a port beyond the last', { host: 'a.example', port: '65536' }],
    ['an unknown connect_type', { host: 'a.example', connect_type: 'ssh' }],
    ['a bind DN without a password', { host: 'a.example', bind_dn: 'cn=reader' }],
  ];
  for (const [title, annotations] of faults) {
    it(`refuses ${title}, and repeats no password`, async () => {
      await assert.rejects(
        read(annotations),
        (error) => isFailure(error, 'DIRECTORY_SETTINGS_INVALID') && !error.message.includes('secret'),
      );
    });
  }
});
