/** The certificate and key of the HTTPS server, and what must be true of them. */
import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { LatchkeyError } from '../../domain/errors.ts';
import { openToOthers, openToOthersText } from '../../private-file.ts';

/** A certificate with its private key. They belong together, and TLS takes them. */
export interface TlsCredentials {
  /** PEM: the server's certificate, then those of its issuers. */
  readonly cert: string;
  /** PEM */
  readonly key: string;
  /** When the first certificate of the chain ends, in milliseconds since 1970. */
  readonly notAfter: number;
  /** SHA-256 of the server's certificate, in hexadecimal pairs with colons between. */
  readonly fingerprint: string;
}

const minRsaBits = 2_048;
const maxFileBytes = 1_024 * 1_024;
const certificateForm = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/**
 * Reads certificate and key from two PEM files.
 * @throws LatchkeyError `TLS_CREDENTIALS_INVALID`: one cannot be read; the key's file is open to
 *   others; and whatever {@link checkCredentials} finds
 */
export async function readCredentials(certFile: string, keyFile: string): Promise<TlsCredentials> {
  const cert = await readFile(certFile, 'utf8').catch((error: unknown) => {
    throw invalid(`${certFile} cannot be read: ${reasonOf(error)}`, error);
  });
  return checkCredentials(cert, await readKeyFile(keyFile), certFile, keyFile);
}

/** @throws LatchkeyError `TLS_CREDENTIALS_INVALID` */
export async function readKeyFile(path: string): Promise<string> {
  try {
    const file = await open(path, 'r');
    try {
      // Asked of what is open, so that nothing else can take its place in between.
      const status = await file.stat();
      if (openToOthers(status, path)) throw invalid(openToOthersText(path));
      if (status.size > maxFileBytes) throw invalid(`${path} is too large for a private key`);
      return await file.readFile('utf8');
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof LatchkeyError) throw error;
    throw invalid(`${path} cannot be read: ${reasonOf(error)}`, error);
  }
}

/**
 * Makes sure of a certificate and a key before anything depends on them.
 * @throws LatchkeyError `TLS_CREDENTIALS_INVALID`: one is not PEM, the key is encrypted, weak (RSA
 *   below 2048 bits) or another certificate's, or TLS refuses them
 */
export function checkCredentials(
  cert: string,
  key: string,
  certName: string,
  keyName: string,
): TlsCredentials {
  const chain = parseChain(cert, certName);
  const [leaf] = chain;
  if (leaf === undefined) throw invalid(`${certName} holds no certificate in PEM form`);
  const privateKey = parseKey(key, keyName);
  const { modulusLength } = privateKey.asymmetricKeyDetails ?? {};
  if (modulusLength !== undefined && modulusLength < minRsaBits) {
    throw invalid(`the RSA key in ${keyName} is shorter than ${minRsaBits} bits`);
  }
  if (!leaf.checkPrivateKey(privateKey)) {
    throw invalid(`the key in ${keyName} is not that of the first certificate in ${certName}`);
  }
  try {
    createSecureContext({ cert, key });
  } catch (error) {
    throw invalid(`TLS does not take the certificate in ${certName}: ${reasonOf(error)}`, error);
  }
  return {
    cert,
    key,
    notAfter: Math.min(...chain.map(({ validTo }) => Date.parse(validTo))),
    fingerprint: leaf.fingerprint256,
  };
}

function parseChain(text: string, name: string): readonly X509Certificate[] {
  try {
    return (text.match(certificateForm) ?? []).map((pem) => new X509Certificate(pem));
  } catch (error) {
    throw invalid(`${name} holds a certificate that cannot be read`, error);
  }
}

function parseKey(text: string, name: string): KeyObject {
  try {
    return createPrivateKey(text);
  } catch (error) {
    const encrypted = text.includes('ENCRYPTED');
    const expected = encrypted ? 'a private key without a passphrase' : 'a private key in PEM form';
    // Without its cause: what a parser says of a key may quote it.
    throw invalid(`${name} does not hold ${expected} (${reasonOf(error)})`);
  }
}

function invalid(detail: string, cause?: unknown): LatchkeyError {
  return new LatchkeyError('TLS_CREDENTIALS_INVALID', { detail, cause });
}

function reasonOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : 'unknown reason';
}
