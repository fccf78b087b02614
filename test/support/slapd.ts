/** A real LDAP server on this machine, for tests: OpenLDAP's slapd, with people in it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'ldapts';
import { createCertificateAuthority } from './certificates.ts';
import { findProgram } from './find-program.ts';
import { freePort } from './free-port.ts';
import { temporaryDirectory } from './temp.ts';

export interface LdapServer {
  readonly port: number;
  /** Where it speaks TLS from the beginning. */
  readonly tlsPort: number;
  /** `ldap://127.0.0.1:PORT`; StartTLS works there, too. */
  readonly url: string;
  readonly tlsUrl: string;
  /** The authority that a client must trust, PEM. */
  readonly caCert: string;
  /** The entry below which people are. */
  readonly baseDn: string;
  /** Who may look for people. Anonymous clients may not. */
  readonly bindDn: string;
  readonly bindPassword: string;
  /** Stops and continues the process, as a server that hangs. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void;
  stop(): Promise<void>;
}

/** A person's login name and password, and the name of their entry where it is not their login name. */
export interface Person {
  readonly uid: string;
  readonly password: string;
  readonly cn?: string;
}

const startTimeoutMs = 15 * 1_000;
const baseDn = 'dc=conjur,dc=net';
const bindDn = `cn=admin,${baseDn}`;
const bindPassword = 'ldapsecret';
const running = new Set<ChildProcess>();

process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Starts a server as this user, with its data in a temporary directory. It ends with this process at the latest. */
export async function startLdap(people: readonly Person[]): Promise<LdapServer> {
  const program = findProgram(['slapd'], usualFolders);
  if (program === undefined)
    throw new Error('there is no slapd on the path or in its usual folders: run scripts/install-slapd');
  const directory = temporaryDirectory();
  const authority = createCertificateAuthority();
  const { cert, key } = authority.issue();
  const [port, tlsPort] = [await freePort(), await freePort()];
  const url = `ldap://127.0.0.1:${port}`;
  const tlsUrl = `ldaps://127.0.0.1:${tlsPort}`;
  const path = (name: string): string => join(directory.path, name);
  mkdirSync(path('data'));
  writeFileSync(path('ca.pem'), authority.cert);
  writeFileSync(path('cert.pem'), cert);
  writeFileSync(path('key.pem'), key, { mode: 0o600 });
  writeFileSync(path('slapd.conf'), configuration(path));
  // Debian confines the program, at the place where it is installed, to its usual folders.
  copyFileSync(program, path('slapd'));
  const args = ['-d', '0', '-f', path('slapd.conf'), '-h', `${url} ${tlsUrl}`];
  const child = spawn(path('slapd'), args, { stdio: ['ignore', 'ignore', 'pipe'] });
  running.add(child);
  let output = '';
  child.stderr.on('data', (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-2_000);
  });
  const stop = async (): Promise<void> => {
    running.delete(child);
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    directory.remove();
  };
  const deadline = Date.now() + startTimeoutMs;
  while (!(await answers(url))) {
    if (child.exitCode !== null || Date.now() > deadline) {
      await stop();
      throw new Error(`slapd did not start: ${output}`);
    }
    await pause(20);
  }
  await fill(url, people);
  return {
    port,
    tlsPort,
    url,
    tlsUrl,
    caCert: authority.cert,
    baseDn,
    bindDn,
    bindPassword,
    signal: (signal) => {
      child.kill(signal);
    },
    stop,
  };
}

/** Only what the server always has built in: no schema files, no modules, whose places differ by system. */
function configuration(path: (name: string) => string): string {
  return `
pidfile ${path('slapd.pid')}
TLSCACertificateFile ${path('ca.pem')}
TLSCertificateFile ${path('cert.pem')}
TLSCertificateKeyFile ${path('key.pem')}
TLSVerifyClient never
attributetype ( 0.9.2342.19200300.100.1.25 NAME 'dc' EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )
objectclass ( 1.3.6.1.4.1.32473.1.1 NAME 'testDomain' SUP top STRUCTURAL MUST dc )
objectclass ( 1.3.6.1.4.1.32473.1.2 NAME 'testPerson' SUP top STRUCTURAL MUST cn MAY userPassword )
objectclass ( 1.3.6.1.1.1.2.0 NAME 'posixAccount' SUP top AUXILIARY MUST uid )
access to attrs=userPassword by anonymous auth by * none
access to * by * none
database ldif
suffix "${baseDn}"
rootdn "${bindDn}"
rootpw ${bindPassword}
directory ${path('data')}
`;
}

async function fill(url: string, people: readonly Person[]): Promise<void> {
  const client = new Client({ url });
  try {
    await client.bind(bindDn, bindPassword);
    await client.add(baseDn, { objectClass: ['testDomain'], dc: 'conjur' });
    for (const { uid, password, cn = uid } of people) {
      const objectClass = ['testPerson', 'posixAccount'];
      await client.add(`cn=${cn},${baseDn}`, { objectClass, cn, uid, userPassword: password });
    }
  } finally {
    await client.unbind();
  }
}

const usualFolders = [
  '/usr/local/sbin',
  '/usr/sbin',
  '/sbin',
  '/usr/local/libexec',
  '/usr/libexec',
  '/usr/lib/openldap',
  '/opt/homebrew/opt/openldap/libexec',
  '/usr/local/opt/openldap/libexec',
];

async function answers(url: string): Promise<boolean> {
  const client = new Client({ url, connectTimeout: 1_000, timeout: 1_000 });
  try {
    await client.bind(bindDn, bindPassword);
    return true;
  } catch {
    return false;
  } finally {
    await client.unbind().catch(() => undefined);
  }
}
