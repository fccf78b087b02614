import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { isFailure, type ErrorCode } from '../../../src/domain/errors.ts';
import { openLdapDirectory, type DirectoryOptions } from '../../../src/drivers/ldap/directory.ts';
import type { Directory, LdapDirectory } from '../../../src/ports/ldap-directory.ts';
import { createCertificateAuthority } from '../../support/certificates.ts';
import { startLdap, type LdapServer } from '../../support/slapd.ts';

async function withDirectory(
  test: (directories: LdapDirectory) => Promise<void>,
  options: Partial<DirectoryOptions> = {},
): Promise<void> {
  const directories = openLdapDirectory(options);
  try {
    await test(directories);
  } finally {
    await directories.close();
  }
}

async function fails(promise: Promise<unknown>, code: ErrorCode): Promise<void> {
  await assert.rejects(promise, (error) => {
    assert.ok(isFailure(error, code), String(error));
    return true;
  });
}

describe('openLdapDirectory', () => {
  let server: LdapServer;
  let plain: Directory;

  before(async () => {
    server = await startLdap([{ uid: 'alice', password: 'alice' }]);
    plain = {
      host: '127.0.0.1',
      port: server.port,
      security: 'none',
      binding: { dn: server.bindDn, password: server.bindPassword },
      baseDn: server.baseDn,
      filterTemplate: '(uid=%s)',
    };
  });
  after(() => server.stop());

  const securities = (): readonly Directory[] => [
    plain,
    { ...plain, security: 'starttls', caCert: server.caCert },
    { ...plain, security: 'tls', port: server.tlsPort, caCert: server.caCert },
    { ...plain, host: 'localhost' },
    { ...plain, host: 'localhost', security: 'starttls', caCert: server.caCert },
    { ...plain, host: 'localhost', security: 'tls', port: server.tlsPort, caCert: server.caCert },
  ];

  it('knows the right password from a wrong one, with TLS and without', async () => {
    await withDirectory(async (directories) => {
      for (const directory of securities()) {
        const title = `${directory.host} ${directory.security}`;
        assert.equal(await directories.proves(directory, 'alice', 'alice'), true, title);
        assert.equal(await directories.proves(directory, 'alice', 'wrong'), false, title);
        assert.equal(await directories.proves(directory, 'nobody', 'alice'), false, title);
      }
    });
  });

  it('never takes an empty password, which a directory would', async () => {
    await withDirectory(async (directories) => {
      assert.equal(await directories.proves(plain, 'alice', ''), false);
    });
  });

  it('refuses a certificate of another authority, and one for another name', async () => {
    const foreign = createCertificateAuthority().cert;
    await withDirectory(async (directories) => {
      for (const security of ['starttls', 'tls'] as const) {
        const port = security === 'tls' ? server.tlsPort : server.port;
        const directory = { ...plain, port, security };
        await fails(directories.proves(directory, 'alice', 'alice'), 'DIRECTORY_UNREACHABLE');
        await fails(
          directories.proves({ ...directory, caCert: foreign }, 'alice', 'alice'),
          'DIRECTORY_UNREACHABLE',
        );
        const elsewhere = { ...directory, host: '127.0.0.2', caCert: server.caCert };
        await fails(directories.proves(elsewhere, 'alice', 'alice'), 'DIRECTORY_UNREACHABLE');
      }
    });
  });

  it('says that it cannot read a certificate', async () => {
    await withDirectory(async (directories) => {
      const directory: Directory = { ...plain, security: 'starttls', caCert: 'rubbish' };
      await fails(directories.proves(directory, 'alice', 'alice'), 'DIRECTORY_SETTINGS_INVALID');
    });
  });

  it('refuses addresses that are never called, and other machines without TLS', async () => {
    await withDirectory(async (directories) => {
      for (const host of [
        '169.254.169.254',
        'fe80::1',
        '0.0.0.0',
        '224.0.0.1',
        'host with blanks',
        'a/b',
        '10.1.2.3',
        'ldap.example.net',
      ])
        await fails(directories.proves({ ...plain, host }, 'alice', 'alice'), 'DIRECTORY_NOT_ALLOWED');
    });
  });

  it('takes an IPv6 address for what it is', async () => {
    await withDirectory(async (directories) => {
      const directory = { ...plain, host: '::1', port: 1 };
      await fails(directories.proves(directory, 'alice', 'alice'), 'DIRECTORY_UNREACHABLE');
    });
  });

  it('never takes a password with a NUL, which some directories would take for an empty one', async () => {
    await withDirectory(async (directories) => {
      for (const password of ['\0', '\0alice', 'alice\0'])
        assert.equal(await directories.proves(plain, 'alice', password), false);
    });
  });

  it('tells a bind DN that the directory refuses, a base that it does not have, and no server', async () => {
    await withDirectory(async (directories) => {
      for (const changes of [
        { binding: { dn: server.bindDn, password: 'wrong' } },
        { baseDn: 'dc=elsewhere' },
        { port: 1 },
      ])
        await fails(directories.proves({ ...plain, ...changes }, 'alice', 'alice'), 'DIRECTORY_UNREACHABLE');
    });
  });

  it('gives up on a directory that does not answer, and ends the connection', async () => {
    const sockets = new Set<Socket>();
    const silent = createServer((socket) => {
      sockets.add(socket);
      socket.resume();
    }).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    try {
      for (const security of ['none', 'starttls', 'tls'] as const) {
        await withDirectory(
          async (directories) => {
            const directory = { ...plain, port, security };
            await fails(directories.proves(directory, 'alice', 'alice'), 'DIRECTORY_TIMEOUT');
          },
          { totalTimeoutMs: 100 },
        );
      }
      for (const socket of sockets) if (!socket.closed) await once(socket, 'close');
    } finally {
      silent.close();
    }
  });

  it('ends what is under way when it is closed', async () => {
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const directories = openLdapDirectory();
    const pending = fails(directories.proves({ ...plain, port }, 'alice', 'alice'), 'DIRECTORY_UNREACHABLE');
    await once(silent, 'connection');
    await directories.close();
    await pending;
    silent.close();
  });
});
