/** Issues certificates by way of @peculiar/x509, which is loaded when the first one is asked for. */
import { createPublicKey, randomBytes } from 'node:crypto';
import type * as X509 from '@peculiar/x509';
import { LatchkeyError } from '../../domain/errors.ts';
import type {
  CertificateIssuer,
  CertificateOrder,
  CertificateSubject,
  IssuedCertificate,
} from '../../ports/certificate-issuer.ts';
import { loadAuthority, type LoadedAuthority } from './authority.ts';
import { algorithmOf, type KeyAlgorithm } from './keys.ts';

type Library = typeof X509;

const maxCsrCharacters = 16 * 1_024;
const csrForm =
  /-----BEGIN (NEW )?CERTIFICATE REQUEST-----([A-Za-z0-9+/=\s]+)-----END \1?CERTIFICATE REQUEST-----/;
/** SHA-1 and MD5 no longer show who signed. */
const acceptedHashes = ['SHA-256', 'SHA-384', 'SHA-512'];
/** RFC 5280 section 4.1.2.2 allows so many, and asks for a positive number. */
const serialBytes = 20;

export function openCertificateIssuer(): CertificateIssuer {
  let library: Promise<Library> | undefined;
  return {
    issue: async (order) => {
      library ??= loadLibrary();
      return issue(await library, order);
    },
  };
}

async function loadLibrary(): Promise<Library> {
  await import('reflect-metadata');
  const library = await import('@peculiar/x509');
  return library;
}

async function issue(library: Library, order: CertificateOrder): Promise<IssuedCertificate> {
  const { publicKey, keyAlgorithm } = await readRequest(library, order.csr);
  const authority = await loadAuthority(order.authority, order.notBefore);
  const serialNumber = newSerial();
  const certificate = await library.X509CertificateGenerator.create({
    serialNumber,
    // As an object, so that no character of it is taken for syntax.
    subject: new library.Name([{ CN: [{ utf8String: order.subject.commonName }] }]),
    issuer: new library.X509Certificate(authority.certificate.raw).subjectName,
    notBefore: new Date(order.notBefore),
    notAfter: new Date(Math.min(order.notAfter, authority.notAfter)),
    publicKey,
    signingKey: authority.signingKey,
    signingAlgorithm: authority.algorithm,
    extensions: await extensionsOf(library, order.subject, publicKey, keyAlgorithm, authority),
  });
  return { pem: `${certificate.toString('pem')}\n`, serial: serialNumber };
}

interface ReadRequest {
  readonly publicKey: X509.PublicKey;
  readonly keyAlgorithm: KeyAlgorithm;
}

async function readRequest(library: Library, text: string): Promise<ReadRequest> {
  if (text.length > maxCsrCharacters) {
    throw invalidRequest(`The CSR is longer than ${maxCsrCharacters} characters`);
  }
  const [, , body] = csrForm.exec(text) ?? [];
  if (body === undefined) throw invalidRequest('The CSR is not in PEM');
  let request: X509.Pkcs10CertificateRequest;
  let keyAlgorithm: KeyAlgorithm | undefined;
  let hash: string;
  try {
    request = new library.Pkcs10CertificateRequest(Buffer.from(body, 'base64'));
    const key = Buffer.from(request.publicKey.rawData);
    keyAlgorithm = algorithmOf(createPublicKey({ key, format: 'der', type: 'spki' }));
    hash = hashNameOf(request.signatureAlgorithm);
  } catch (cause) {
    throw invalidRequest('The CSR cannot be read', cause);
  }
  if (keyAlgorithm === undefined) {
    throw invalidRequest(
      'The key of the CSR is neither RSA of 2048 to 8192 bits nor EC on P-256, P-384 or P-521',
    );
  }
  if (!acceptedHashes.includes(hash)) throw invalidRequest('The CSR is not signed with SHA-256 or better');
  const verified = await request.verify().catch(() => false);
  if (!verified) throw new LatchkeyError('CSR_SIGNATURE_INVALID');
  return { publicKey: request.publicKey, keyAlgorithm };
}

/** The library's own type of it is that of a browser. */
function hashNameOf(algorithm: { readonly hash: unknown }): string {
  const { name } = algorithm.hash as { readonly name?: string };
  return name ?? '';
}

/**
 * For a key on a curve there is no encipherment (RFC 8813 section 3), so that Conjur's
 * `keyEncipherment` and `dataEncipherment` are said of RSA keys only.
 */
async function extensionsOf(
  library: Library,
  { dnsName, uri }: CertificateSubject,
  publicKey: X509.PublicKey,
  keyAlgorithm: KeyAlgorithm,
  { certificate }: LoadedAuthority,
): Promise<X509.Extension[]> {
  const { digitalSignature, keyEncipherment, dataEncipherment } = library.KeyUsageFlags;
  let usage: X509.KeyUsageFlags = digitalSignature;
  if (keyAlgorithm.name !== 'ECDSA') {
    usage |= keyEncipherment;
    usage |= dataEncipherment;
  }
  const names: X509.JsonGeneralNames = [{ type: 'url', value: uri }];
  if (dnsName !== undefined) names.unshift({ type: 'dns', value: dnsName });
  return [
    new library.BasicConstraintsExtension(false, undefined, true),
    new library.KeyUsagesExtension(usage, true),
    await library.SubjectKeyIdentifierExtension.create(publicKey),
    await authorityKeyIdentifier(library, certificate.raw),
    new library.SubjectAlternativeNameExtension(names),
  ];
}

/** The identifier by which the authority's certificate names its key, so that chains can be built by it. */
async function authorityKeyIdentifier(library: Library, raw: Uint8Array): Promise<X509.Extension> {
  const authority = new library.X509Certificate(raw);
  const stated = authority.getExtension(library.SubjectKeyIdentifierExtension)?.keyId;
  return stated === undefined
    ? library.AuthorityKeyIdentifierExtension.create(authority.publicKey)
    : new library.AuthorityKeyIdentifierExtension(stated);
}

/** 158 random bits, in 20 bytes of which the first is neither zero nor negative. */
function newSerial(): string {
  const bytes = randomBytes(serialBytes);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes.toString('hex');
}

function invalidRequest(detail: string, cause?: unknown): LatchkeyError {
  return new LatchkeyError('CSR_INVALID', { detail, cause });
}
