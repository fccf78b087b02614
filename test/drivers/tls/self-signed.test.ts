import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isFailure } from '../../../src/domain/errors.ts';
import { selfSignedCredentials, selfSignedPath } from '../../../src/drivers/tls/self-signed.ts';
import type { TlsCredentials } from '../../../src/drivers/tls/credentials.ts';
import { temporaryDirectory } from '../../support/temp.ts';

const day = 24 * 60 * 60 * 1_000;

describe('the certificate that the service makes itself', () => {
  let folder: ReturnType<typeof temporaryDirectory>;
  let kept: string;
  beforeEach(() => {
    folder = temporaryDirectory();
    kept = join(folder.path, 'tls-self-signed.1.pem');
  });
  afterEach(() => {
    folder.remove();
  });

  const read = (names: readonly string[] = [], now = Date.now()): Promise<TlsCredentials> =>
    selfSignedCredentials({ folder: folder.path, names, now });

  const files = (): readonly string[] => readdirSync(folder.path).sort();

  it('is for this machine and the names that are asked for, for 825 days, and no authority', async () => {
    const { cert, notAfter } = await read(['vault.example.com', '10.1.2.3', 'fd00::1', 'localhost']);
    const certificate = new X509Certificate(cert);
    assert.equal(
      certificate.subjectAltName,
      'DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1, DNS:vault.example.com, ' +
        'IP Address:10.1.2.3, IP Address:FD00:0:0:0:0:0:0:1',
    );
    assert.ok(Math.abs(notAfter - Date.now() - 825 * day) < day);
    assert.equal(certificate.ca, false);
    assert.ok(certificate.verify(certificate.publicKey));
  });

  it('is kept with its key for the owner only, and once more without, for clients', async () => {
    const { cert, key } = await read();
    assert.equal(statSync(kept).mode & 0o777, 0o600);
    assert.match(key, /^-----BEGIN PRIVATE KEY-----/);
    assert.equal(readFileSync(selfSignedPath(folder.path), 'utf8'), cert);
    assert.deepEqual(files(), ['tls-self-signed.1.pem', 'tls-self-signed.crt']);
  });

  it('is used again', async () => {
    assert.deepEqual(await read(['a.example']), await read(['a.example']));
    assert.deepEqual(await read(), await read(['a.example']));
  });

  it('is made anew within the 30 days before it ends', async () => {
    const first = await read();
    assert.deepEqual(await read([], first.notAfter - 31 * day), first);
    const second = await read([], first.notAfter - 29 * day);
    assert.notEqual(second.fingerprint, first.fingerprint);
    assert.ok(second.notAfter > first.notAfter);
    assert.equal(readFileSync(selfSignedPath(folder.path), 'utf8'), second.cert);
    assert.deepEqual(files(), ['tls-self-signed.2.pem', 'tls-self-signed.crt']);
  });

  it('is made anew where it lacks a name, is damaged, or has not begun', async () => {
    const first = await read();
    const second = await read(['10.1.2.3']);
    assert.notEqual(second.fingerprint, first.fingerprint);
    const current = kept.replace('1.pem', '2.pem');
    writeFileSync(current, readFileSync(current, 'utf8').slice(0, 300));
    const third = await read();
    assert.equal(new X509Certificate(third.cert).fingerprint256, third.fingerprint);
    const fourth = await read([], Date.now() - 10 * day);
    assert.notEqual(fourth.fingerprint, third.fingerprint);
  });

  it('is one where several processes start, or renew it, at the same time', async () => {
    const all = await Promise.all(Array.from({ length: 8 }, () => read(['a.example'])));
    assert.equal(new Set(all.map(({ fingerprint }) => fingerprint)).size, 1);
    const later = (all[0]?.notAfter ?? 0) - day;
    const renewed = await Promise.all(Array.from({ length: 8 }, () => read(['a.example'], later)));
    assert.equal(new Set(renewed.map(({ fingerprint }) => fingerprint)).size, 1);
    assert.deepEqual(files(), ['tls-self-signed.2.pem', 'tls-self-signed.crt']);
  });

  it('is not used where others may read its key', async () => {
    await read();
    chmodSync(kept, 0o644);
    await assert.rejects(read(), (error) => isFailure(error, 'TLS_CREDENTIALS_INVALID'));
  });

  it('cannot be made where nothing can be written', async () => {
    const gone = selfSignedCredentials({ folder: join(folder.path, 'gone'), names: [], now: Date.now() });
    await assert.rejects(gone, (error) => isFailure(error, 'TLS_CREDENTIALS_INVALID'));
  });
});
