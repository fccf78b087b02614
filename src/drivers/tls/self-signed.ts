/** A certificate that the service makes itself, for machines without a certificate authority. */
import { createPrivateKey, randomBytes, webcrypto, X509Certificate } from 'node:crypto';
import { access, link, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { LatchkeyError } from '../../domain/errors.ts';
import { checkCredentials, readKeyFile, type TlsCredentials } from './credentials.ts';

const dayMs = 24 * 60 * 60 * 1_000;
/** The longest that Apple's systems accept of a certificate that is trusted by hand. */
const lifetimeMs = 825 * dayMs;
const renewalMs = 30 * dayMs;
/** So that a client whose clock is behind accepts it, too. */
const backdatedMs = 60 * 60 * 1_000;
const serialBytes = 16;
const maxTries = 10;

export interface SelfSignedOrder {
  /** Where it is kept. */
  readonly folder: string;
  /** Host names and IP addresses that it is for, beside those of this machine. */
  readonly names: readonly string[];
  /** Now, in milliseconds since 1970. */
  readonly now: number;
}

const ownNames = ['localhost', '127.0.0.1', '::1'];

/** The file with the certificate alone, for clients. */
export function selfSignedPath(folder: string): string {
  return join(folder, 'tls-self-signed.crt');
}

/**
 * Reads the certificate that is there, or makes one: ECDSA P-256, for 825 days. It is made anew
 * within the 30 days before it ends, and when a name is missing from it. Key and certificate are in
 * one file of mode 0600, so that they are exchanged together; processes that start at the same
 * time agree on what one of them made.
 * @throws LatchkeyError `TLS_CREDENTIALS_INVALID`: a file cannot be read or written, or the one with
 *   the key is open to others
 */
export async function selfSignedCredentials(order: SelfSignedOrder): Promise<TlsCredentials> {
  const { folder } = order;
  try {
    const { path, text } = await newest(order);
    const cert = certificateIn(text);
    const publicPath = selfSignedPath(folder);
    if ((await readFile(publicPath, 'utf8').catch(() => '')) !== cert) await exchange(publicPath, cert);
    return checkCredentials(cert, text, path, path);
  } catch (error) {
    if (error instanceof LatchkeyError) throw error;
    throw new LatchkeyError('TLS_CREDENTIALS_INVALID', {
      detail: `the certificate in ${folder} cannot be read or made: ${codeOf(error)}`,
      cause: error,
    });
  }
}

interface Generation {
  readonly path: string;
  readonly text: string;
}

/**
 * The files are numbered, and never change: of several processes that make the next one at the same
 * time the first gives it its name, and all use it.
 */
async function newest({ folder, names, now }: SelfSignedOrder): Promise<Generation> {
  const wanted = [...new Set([...ownNames, ...names])];
  for (let tries = 0; tries < maxTries; tries += 1) {
    const number = Math.max(0, ...(await generations(folder)));
    const path = generationPath(folder, number);
    const text = number === 0 ? undefined : await readIfThere(path);
    if (text !== undefined && serves(text, wanted, now)) return { path, text };
    await addFile(generationPath(folder, number + 1), await make(wanted, now));
    for (const old of await generations(folder)) {
      if (old <= number) await rm(generationPath(folder, old), { force: true });
    }
  }
  throw new LatchkeyError('TLS_CREDENTIALS_INVALID', {
    detail: `other processes keep making another certificate in ${folder}: they are for other names`,
  });
}

function generationPath(folder: string, number: number): string {
  return join(folder, `tls-self-signed.${String(number)}.pem`);
}

async function generations(folder: string): Promise<readonly number[]> {
  return (await readdir(folder)).flatMap((name) => {
    const [, number] = /^tls-self-signed\.(\d{1,9})\.pem$/.exec(name) ?? [];
    return number === undefined ? [] : [Number(number)];
  });
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    await access(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
  return readKeyFile(path);
}

/** Whether what is there can go on being used: whole, for all names, and not about to end. */
function serves(text: string, wanted: readonly string[], now: number): boolean {
  try {
    const certificate = new X509Certificate(certificateIn(text));
    return (
      certificate.checkPrivateKey(createPrivateKey(text)) &&
      Date.parse(certificate.validFrom) <= now &&
      Date.parse(certificate.validTo) - now > renewalMs &&
      wanted.every((name) =>
        isIP(name) === 0
          ? certificate.checkHost(name) !== undefined
          : certificate.checkIP(name) !== undefined,
      )
    );
  } catch {
    return false;
  }
}

function certificateIn(text: string): string {
  return /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n/.exec(text)?.[0] ?? '';
}

/** Makes a file, whole and on disk before it has its name; one that is there by then stays as it is. */
async function addFile(path: string, text: string): Promise<void> {
  const draft = `${path}.${randomBytes(8).toString('hex')}`;
  try {
    await write(draft, text);
    await link(draft, path).catch((error: unknown) => {
      if (codeOf(error) !== 'EEXIST') throw error;
    });
  } finally {
    await rm(draft, { force: true });
  }
}

async function exchange(path: string, text: string): Promise<void> {
  const draft = `${path}.${randomBytes(8).toString('hex')}`;
  try {
    await write(draft, text);
    await rename(draft, path);
  } finally {
    await rm(draft, { force: true });
  }
}

async function write(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** @returns PEM: the key, then the certificate */
async function make(names: readonly string[], now: number): Promise<string> {
  await import('reflect-metadata');
  const x509 = await import('@peculiar/x509');
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const serial = randomBytes(serialBytes);
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40;
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serial.toString('hex'),
    name: new x509.Name([{ CN: [{ utf8String: `Latchkey ${serial.toString('hex', 0, 4)}` }] }]),
    notBefore: new Date(now - backdatedMs),
    notAfter: new Date(now + lifetimeMs),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      new x509.SubjectAlternativeNameExtension(
        names.map((value) => ({ type: isIP(value) === 0 ? 'dns' : 'ip', value })),
      ),
    ],
  });
  const key = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  const keyPem = createPrivateKey({ key, format: 'der', type: 'pkcs8' }).export({
    format: 'pem',
    type: 'pkcs8',
  });
  return `${String(keyPem)}${certificate.toString('pem')}\n`;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : 'unknown reason';
}
