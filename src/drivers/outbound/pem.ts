import { X509Certificate } from 'node:crypto';
import { LatchkeyError } from '../../domain/errors.ts';

const block = /-----BEGIN\s*CERTIFICATE-----([^-]*)-----END\s*CERTIFICATE-----/g;
const lineBreaksAsText = /\\r|\\n/g;
const base64 = /^[A-Za-z0-9+/]+={0,2}$/;
const maxCharacters = 256 * 1_024;
const maxCertificates = 100;

/**
 * Reads a bundle of PEM certificates, and repairs what copying through shells, forms and YAML
 * does to one: line breaks that became blanks, vanished or became the text `\n`, indented lines.
 * What stands between the certificates is ignored, as in RFC 7468 section 2.
 *
 * @returns each certificate as PEM in its usual form
 * @throws LatchkeyError `SERVICE_VARIABLE_INVALID`: no certificate, one that cannot be read, or too much text
 */
export function readCertificates(text: string): readonly string[] {
  if (text.length > maxCharacters) throw invalid(`is longer than ${maxCharacters} characters`);
  const found = [...text.replace(lineBreaksAsText, '\n').matchAll(block)];
  if (found.length === 0) throw invalid('holds no PEM certificate');
  if (found.length > maxCertificates) throw invalid(`holds more than ${maxCertificates} certificates`);
  return found.map(([, body = ''], index) => readCertificate(body, index + 1));
}

function readCertificate(body: string, number: number): string {
  const encoded = body.replace(/\s+/g, '');
  if (!base64.test(encoded)) throw invalid(`holds a certificate (number ${number}) that is not base64`);
  try {
    return new X509Certificate(Buffer.from(encoded, 'base64')).toString();
  } catch (cause) {
    throw invalid(`holds a certificate (number ${number}) that cannot be read`, cause);
  }
}

function invalid(fault: string, cause?: unknown): LatchkeyError {
  return new LatchkeyError('SERVICE_VARIABLE_INVALID', { detail: `The variable ca-cert ${fault}`, cause });
}
