/** What tests of certificate authorities share: keys, signing requests, an authority's texts. */
import 'reflect-metadata';
import { createPrivateKey, webcrypto, type KeyObject } from 'node:crypto';
import * as x509 from '@peculiar/x509';

export type KeyKind = 'RSA' | 'P-256' | 'P-384' | 'P-521';

/** An authority as policy and variables describe it. */
export interface TestAuthority {
  /** PEM. */
  readonly chain: string;
  readonly privateKey: string;
}

export interface AuthorityOptions {
  readonly kind?: KeyKind;
  readonly isAuthority?: boolean;
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  /** Encrypts the private key. */
  readonly password?: string;
}

const algorithms = {
  RSA: {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    publicExponent: new Uint8Array([1, 0, 1]),
    modulusLength: 2_048,
  },
  'P-256': { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
  'P-384': { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' },
  'P-521': { name: 'ECDSA', namedCurve: 'P-521', hash: 'SHA-512' },
} as const;

async function newKeys(kind: KeyKind): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithms[kind], true, ['sign', 'verify']);
}

const day = 24 * 60 * 60 * 1_000;

/** Makes an authority, self-signed, valid for ten years. */
export async function newAuthority(options: AuthorityOptions = {}): Promise<TestAuthority> {
  const { kind = 'RSA', isAuthority = true, password } = options;
  const keys = await newKeys(kind);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=Test authority, O="Latchkey, tests"',
    keys,
    notBefore: options.notBefore ?? new Date(Date.now() - day),
    notAfter: options.notAfter ?? new Date(Date.now() + 3_650 * day),
    signingAlgorithm: algorithms[kind],
    extensions: [
      new x509.BasicConstraintsExtension(isAuthority, undefined, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  return { chain: certificate.toString('pem'), privateKey: privateKeyPem(key, password) };
}

/** PKCS #8, or for a key that is encrypted the older form that OpenSSL writes. */
function privateKeyPem(key: KeyObject, password: string | undefined): string {
  if (password === undefined) return key.export({ type: 'pkcs8', format: 'pem' }).toString();
  const type = key.asymmetricKeyType === 'rsa' ? 'pkcs1' : 'sec1';
  return key.export({ type, format: 'pem', cipher: 'aes-256-cbc', passphrase: password }).toString();
}

export interface RequestOptions {
  readonly kind?: KeyKind;
  readonly hash?: string;
  readonly modulusLength?: number;
}

/** Makes a signing request in PEM. What it asks for beside the key is not given. */
export async function newRequest(name = 'anything', options: RequestOptions = {}): Promise<string> {
  const algorithm = { ...algorithms[options.kind ?? 'RSA'], ...options };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: `CN=${name}`,
    keys,
    signingAlgorithm: algorithm,
    extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: 'wished-for.example' }])],
  });
  return `${request.toString('pem')}\n`;
}

/** A request whose signature was made by another key than the one in it. */
export async function newForgedRequest(): Promise<string> {
  const [mine, theirs] = [await newKeys('P-256'), await newKeys('P-256')];
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: 'CN=forged',
    keys: { privateKey: mine.privateKey, publicKey: theirs.publicKey },
    signingAlgorithm: algorithms['P-256'],
  });
  return `${request.toString('pem')}\n`;
}
