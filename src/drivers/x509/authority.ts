/** A certificate authority's certificate and key, read from their stored texts. */
import { createPrivateKey, webcrypto, X509Certificate, type KeyObject } from 'node:crypto';
import { LatchkeyError } from '../../domain/errors.ts';
import type { AuthorityCredentials } from '../../ports/certificate-issuer.ts';
import { algorithmOf, type KeyAlgorithm } from './keys.ts';

export interface LoadedAuthority {
  readonly certificate: X509Certificate;
  readonly signingKey: webcrypto.CryptoKey;
  readonly algorithm: KeyAlgorithm;
  /** Milliseconds since the epoch: when its own certificate expires. */
  readonly notAfter: number;
}

/**
 * @param now milliseconds since the epoch
 * @throws LatchkeyError `CA_MISCONFIGURED`
 */
export async function loadAuthority(
  { chain, privateKey, password }: AuthorityCredentials,
  now: number,
): Promise<LoadedAuthority> {
  const certificate = read('its certificate chain cannot be read', () => new X509Certificate(chain));
  const key = read('its private key cannot be read', () =>
    createPrivateKey({
      key: privateKey,
      format: 'pem',
      ...(password === undefined ? {} : { passphrase: password }),
    }),
  );
  const algorithm = algorithmOf(key);
  if (algorithm === undefined)
    throw misconfigured('its private key is of a kind or size that is not accepted');
  if (!certificate.checkPrivateKey(key))
    throw misconfigured('its private key is not that of its certificate');
  if (!certificate.ca) throw misconfigured('the first certificate of its chain may not issue certificates');
  const notAfter = Date.parse(certificate.validTo);
  if (now < Date.parse(certificate.validFrom) || now >= notAfter) {
    throw misconfigured('its certificate is not valid at this time');
  }
  return { certificate, algorithm, notAfter, signingKey: await toSigningKey(key, algorithm) };
}

async function toSigningKey(key: KeyObject, algorithm: KeyAlgorithm): Promise<webcrypto.CryptoKey> {
  const der = key.export({ type: 'pkcs8', format: 'der' });
  return webcrypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign']);
}

function read<T>(fault: string, reading: () => T): T {
  try {
    return reading();
  } catch (cause) {
    throw misconfigured(fault, cause);
  }
}

function misconfigured(fault: string, cause?: unknown): LatchkeyError {
  return new LatchkeyError('CA_MISCONFIGURED', { detail: `The certificate authority: ${fault}`, cause });
}
