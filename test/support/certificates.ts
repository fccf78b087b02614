/**
 * A private certificate authority for tests, made when asked for and gone with the process.
 * Certificates are written in DER by hand: version 3, ECDSA P-256, just the extensions that a
 * TLS client looks at (RFC 5280 section 4).
 */
import { generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import { isIP } from 'node:net';

/** A server's certificate and its private key, both PEM. */
export interface ServerCertificate {
  readonly cert: string;
  readonly key: string;
}

export interface KeyPair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

export interface CertificateAuthority {
  /** The authority's own certificate, PEM: what a client must trust. */
  readonly cert: string;
  /** Issues a certificate for a server, by default for the names and addresses of this machine, and for a new key on P-256. */
  issue(names?: readonly string[], keys?: KeyPair): ServerCertificate;
}

const lifetimeMs = 24 * 60 * 60 * 1_000;
const loopbackNames: readonly string[] = ['localhost', '127.0.0.1'];

/** Makes an authority with a key of its own. */
export function createCertificateAuthority(name = 'Test CA'): CertificateAuthority {
  const authority = newKeys();
  const extensions = [
    extension('2.5.29.19', true, sequence(boolean(true))), // basicConstraints: a CA
    extension('2.5.29.15', true, bits(Buffer.of(0b0000_0110), 1)), // keyUsage: keyCertSign, cRLSign
  ];
  return {
    cert: toPem(
      'CERTIFICATE',
      certificate(name, name, authority.publicKey, authority.privateKey, extensions),
    ),
    issue: (names = loopbackNames, server = newKeys()) => {
      const alternatives = extension('2.5.29.17', false, sequence(...names.map(generalName)));
      const der = certificate('test server', name, server.publicKey, authority.privateKey, [alternatives]);
      const key = server.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
      return { cert: toPem('CERTIFICATE', der), key };
    },
  };
}

function newKeys(): KeyPair {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' });
}

function certificate(
  subject: string,
  issuer: string,
  publicKey: KeyObject,
  signingKey: KeyObject,
  extensions: readonly Buffer[],
): Buffer {
  const algorithm = sequence(oid('1.2.840.10045.4.3.2')); // ecdsa-with-SHA256
  const now = Date.now();
  const toBeSigned = sequence(
    tagged(0xa0, integer(Buffer.of(2))),
    integer(Buffer.concat([Buffer.of(1), randomBytes(15)])),
    algorithm,
    commonName(issuer),
    sequence(utcTime(now - lifetimeMs), utcTime(now + lifetimeMs)),
    commonName(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(0xa3, sequence(...extensions)),
  );
  return sequence(toBeSigned, algorithm, bits(sign('sha256', toBeSigned, signingKey), 0));
}

function commonName(name: string): Buffer {
  return sequence(tagged(0x31, sequence(oid('2.5.4.3'), tagged(0x0c, Buffer.from(name)))));
}

function extension(id: string, critical: boolean, value: Buffer): Buffer {
  return sequence(oid(id), ...(critical ? [boolean(true)] : []), tagged(0x04, value));
}

function generalName(name: string): Buffer {
  if (isIP(name) === 0) return tagged(0x82, Buffer.from(name));
  return tagged(0x87, Buffer.from(name.split('.').map(Number)));
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tagged(0x30, ...parts);
}

function boolean(value: boolean): Buffer {
  return tagged(0x01, Buffer.of(value ? 0xff : 0));
}

function integer(bytes: Buffer): Buffer {
  return tagged(0x02, bytes);
}

function bits(bytes: Buffer, unusedBits: number): Buffer {
  return tagged(0x03, Buffer.of(unusedBits), bytes);
}

function utcTime(timeMs: number): Buffer {
  const digits = new Date(timeMs).toISOString().replace(/\D/g, '').slice(2, 14);
  return tagged(0x17, Buffer.from(`${digits}Z`));
}

function oid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number);
  return tagged(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function base128(value: number): readonly number[] {
  const digits = [value & 0x7f];
  for (let rest = value >> 7; rest > 0; rest >>= 7) digits.unshift((rest & 0x7f) | 0x80);
  return digits;
}

/** Tag, length and content. */
function tagged(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.of(tag, length), content]);
  return Buffer.concat([Buffer.of(tag, 0x82, length >> 8, length & 0xff), content]);
}

function toPem(label: string, der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}
