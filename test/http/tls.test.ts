import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect, getCiphers, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { createCertificateAuthority, type ServerCertificate } from '../support/certificates.ts';
import { startServerProcess, type ServerProcess } from '../support/server-process.ts';
import { temporaryDirectory } from '../support/temp.ts';

const modern = [
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
];
const modernWithRsa = modern.map((cipher) => cipher.replace('ECDSA', 'RSA'));
const weak = ['ECDHE-ECDSA-AES128-SHA', 'ECDHE-ECDSA-AES256-SHA', 'ECDHE-ECDSA-AES128-SHA256'];
const weakWithRsa = [
  'ECDHE-RSA-AES128-SHA',
  'ECDHE-RSA-AES256-SHA384',
  'DHE-RSA-AES128-GCM-SHA256',
  'AES256-GCM-SHA384',
  'AES128-GCM-SHA256',
  'AES128-SHA256',
  'AES128-SHA',
];

describe('the HTTPS server', () => {
  const authority = createCertificateAuthority();
  const folder = temporaryDirectory();
  const certFile = join(folder.path, 'tls.crt');
  const keyFile = join(folder.path, 'tls.key');
  let server: ServerProcess;

  before(async () => {
    install(authority.issue());
    server = await startServerProcess({
      LATCHKEY_DATA: join(folder.path, 'data'),
      LATCHKEY_TLS_CERT: certFile,
      LATCHKEY_TLS_KEY: keyFile,
    });
  });
  after(async () => {
    await server.stop();
    folder.remove();
  });

  function install({ cert, key }: ServerCertificate): void {
    writeFileSync(certFile, cert);
    writeFileSync(keyFile, key, { mode: 0o600 });
  }

  async function open(options: ConnectionOptions = {}): Promise<TLSSocket> {
    const { port } = new URL(server.url);
    const socket = connect({ port: Number(port), host: '127.0.0.1', ca: authority.cert, ...options });
    await once(socket, 'secureConnect');
    return socket;
  }

  /** The protocol and cipher agreed on, or the reason for which the server refused. */
  async function agreed(options: ConnectionOptions): Promise<string> {
    try {
      const socket = await open(options);
      const { name } = socket.getCipher();
      const found = `${String(socket.getProtocol())} ${name}`;
      socket.destroy();
      return found;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code ?? String(error);
    }
  }

  /** What the server refuses is offered by this client: it knows all of these. */
  it('is asked by a client that knows what is refused', () => {
    const known = new Set(getCiphers());
    for (const cipher of [...weak, ...weakWithRsa]) assert.ok(known.has(cipher.toLowerCase()), cipher);
  });

  for (const version of ['TLSv1', 'TLSv1.1'] as const) {
    it(`refuses ${version}`, async () => {
      const range = { minVersion: version, maxVersion: version, ciphers: 'DEFAULT@SECLEVEL=0' };
      assert.equal(await agreed(range), 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION');
    });
  }

  it('speaks TLS 1.3 where the client does', async () => {
    assert.match(await agreed({}), /^TLSv1\.3 TLS_/);
  });

  async function speaks(cipher: string): Promise<void> {
    const found = await agreed({ maxVersion: 'TLSv1.2', ciphers: cipher });
    assert.equal(found, `TLSv1.2 ${cipher}`);
  }

  async function refuses(cipher: string): Promise<void> {
    const found = await agreed({ maxVersion: 'TLSv1.2', ciphers: `${cipher}:@SECLEVEL=0` });
    assert.match(found, /HANDSHAKE_FAILURE/);
  }

  for (const cipher of modern) it(`speaks TLS 1.2 with ${cipher}`, () => speaks(cipher));
  for (const cipher of weak) it(`refuses ${cipher}`, () => refuses(cipher));

  it('does not renegotiate', async () => {
    const socket = await open({ maxVersion: 'TLSv1.2' });
    const refused = new Promise<Error>((resolve) => {
      socket.on('error', resolve);
      socket.renegotiate({}, (error) => {
        if (error !== null) resolve(error);
      });
    });
    assert.match((await refused).message, /no renegotiation|no_renegotiation/i);
    socket.destroy();
  });

  it('tells browsers to call this host by HTTPS only', async () => {
    const socket = await open();
    assert.match(await get(socket, '/health/live'), /^Strict-Transport-Security: max-age=31536000\r$/m);
    socket.destroy();
  });

  it('has the service under an https address', () => {
    assert.match(server.url, /^https:\/\/127\.0\.0\.1:/);
  });

  it('shows another certificate after SIGHUP, to new connections only', async () => {
    const old = await open();
    const before = fingerprint(old);
    install(authority.issue());
    server.process.kill('SIGHUP');
    await changesFrom(before);
    assert.match(await get(old, '/health/live'), /^HTTP\/1\.1 200 /);
    assert.equal(fingerprint(old), before);
    old.destroy();
  });

  it('keeps the certificate where the new one cannot be used, says so, and takes the next', async () => {
    const before = await shown();
    const errors = server.errors().length;
    const [next, other] = [authority.issue(), authority.issue()];
    install({ ...next, key: other.key });
    server.process.kill('SIGHUP');
    await eventually(async () => server.errors().slice(errors).includes('TLS_CREDENTIALS_INVALID'));
    assert.equal(await shown(), before);
    assert.doesNotMatch(server.errors(), /PRIVATE KEY/);
    install(next);
    server.process.kill('SIGHUP');
    await changesFrom(before);
  });

  it('speaks and refuses the same with an RSA key', async () => {
    const before = await shown();
    install(authority.issue(undefined, generateKeyPairSync('rsa', { modulusLength: 2_048 })));
    server.process.kill('SIGHUP');
    await changesFrom(before);
    for (const cipher of modernWithRsa) await speaks(cipher);
    for (const cipher of weakWithRsa) await refuses(cipher);
  });

  async function shown(): Promise<string> {
    const socket = await open();
    const found = fingerprint(socket);
    socket.destroy();
    return found;
  }

  async function changesFrom(before: string): Promise<void> {
    await eventually(async () => (await shown()) !== before);
  }
});

function fingerprint(socket: TLSSocket): string {
  return socket.getPeerCertificate().fingerprint256;
}

async function eventually(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** The head and body of an answer, over a connection that stays open. */
async function get(socket: TLSSocket, path: string): Promise<string> {
  let text = '';
  const ended = new Promise<string>((resolve) => {
    socket.on('data', (part: Buffer) => {
      text += part.toString();
      if (text.includes('\r\n\r\n')) resolve(text);
    });
  });
  socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  return ended;
}
