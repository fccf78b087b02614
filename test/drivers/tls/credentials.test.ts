import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isFailure } from '../../../src/domain/errors.ts';
import { readCredentials } from '../../../src/drivers/tls/credentials.ts';
import { createCertificateAuthority, type ServerCertificate } from '../../support/certificates.ts';
import { temporaryDirectory } from '../../support/temp.ts';

describe('certificate and key from files', () => {
  const authority = createCertificateAuthority();
  const pair = authority.issue();
  let folder: ReturnType<typeof temporaryDirectory>;
  let certFile: string;
  let keyFile: string;

  beforeEach(() => {
    folder = temporaryDirectory();
    certFile = join(folder.path, 'tls.crt');
    keyFile = join(folder.path, 'tls.key');
    write(pair);
  });
  afterEach(() => {
    folder.remove();
  });

  function write({ cert, key }: ServerCertificate): void {
    writeFileSync(certFile, cert);
    writeFileSync(keyFile, key, { mode: 0o600 });
  }

  async function isRefused(reason: RegExp): Promise<void> {
    await assert.rejects(readCredentials(certFile, keyFile), (error: unknown) => {
      assert.ok(isFailure(error, 'TLS_CREDENTIALS_INVALID'));
      assert.match(error.message, reason);
      return true;
    });
  }

  it('are read, with the end and the fingerprint of the certificate', async () => {
    const { cert, key, notAfter, fingerprint } = await readCredentials(certFile, keyFile);
    assert.deepEqual({ cert, key }, pair);
    assert.ok(notAfter > Date.now());
    assert.match(fingerprint, /^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
  });

  it('are read with the chain of the certificate', async () => {
    write({ ...pair, cert: pair.cert + authority.cert });
    assert.equal((await readCredentials(certFile, keyFile)).cert, pair.cert + authority.cert);
  });

  it('are refused where the key is of another certificate', async () => {
    write({ ...pair, key: authority.issue().key });
    await isRefused(/tls\.key is not that of the first certificate in .*tls\.crt/);
  });

  it('are refused where the certificate of the issuer stands first', async () => {
    write({ ...pair, cert: authority.cert + pair.cert });
    await isRefused(/is not that of the first certificate/);
  });

  it('are refused without a file', async () => {
    certFile += '.gone';
    await isRefused(/tls\.crt\.gone cannot be read: ENOENT/);
    certFile = certFile.replace('.gone', '');
    keyFile = folder.path;
    await isRefused(/cannot be read: EISDIR|too large/);
  });

  it('are refused where a file holds something else', async () => {
    write({ ...pair, cert: 'nothing' });
    await isRefused(/holds no certificate in PEM form/);
    write({ ...pair, cert: pair.cert.replace(/^MI/m, 'XX') });
    await isRefused(/holds a certificate that cannot be read/);
    write({ ...pair, key: 'nothing' });
    await isRefused(/does not hold a private key in PEM form/);
  });

  it('are refused where the key is encrypted', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const key = privateKey
      .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' })
      .toString();
    write({ ...pair, key });
    await isRefused(/does not hold a private key without a passphrase/);
  });

  it('are refused where the RSA key is short', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 1_024 });
    write({ ...pair, key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() });
    await isRefused(/shorter than 2048 bits/);
  });

  for (const mode of [0o644, 0o640, 0o604]) {
    it(`are refused where the key's file has mode ${mode.toString(8)}`, async () => {
      chmodSync(keyFile, mode);
      await isRefused(/tls\.key is open to others than its owner; run: chmod 600/);
    });
  }
});
