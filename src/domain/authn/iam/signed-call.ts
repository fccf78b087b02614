import { z } from 'zod';
import type { SignedCall } from '../../../ports/caller-identity.ts';
import { parseJson } from '../../../parse-json.ts';
import { LatchkeyError } from '../../errors.ts';

/** What may be part of the signature without anybody having said so. */
const permitted = ['host', 'authorization', 'x-amz-date', 'x-amz-security-token', 'x-amz-content-sha256'];

const maxHeaders = 50;
const maxHeaderCharacters = 16 * 1024;

/** Visible ASCII and blanks: nothing that could begin another header. */
const headerValue = z
  .string()
  .max(maxHeaderCharacters)
  .regex(/^[\x20-\x7e]*$/);
const headersForm = z.record(z.string().regex(/^[A-Za-z0-9-]{1,100}$/), headerValue);

const authorizationForm =
  /^AWS4-HMAC-SHA256 +Credential=[A-Za-z0-9]{1,128}\/\d{8}\/([^/,\s]{1,40})\/sts\/aws4_request, *SignedHeaders=([A-Za-z0-9;_-]{1,2000}), *Signature=[A-Za-z0-9]{1,256}$/;
const regionForm = /^[a-z]{2}(?:-gov)?-[a-z]+-\d$/;
const globalHost = 'sts.amazonaws.com';
const regionalHost = /^sts\.([a-z0-9-]+)\.amazonaws\.com$/;

/**
 * Reads the headers of a signed GetCallerIdentity request: a JSON object, names in any case.
 *
 * A header is sent on only where it is permitted, and nothing else may be part of the signature: a
 * request that was signed for another purpose, and found its way here, is not one of these. The
 * place it goes to is made from the region, which has a strict form, and is never taken from it.
 *
 * @param optionalHeaders further names that may be part of the signature, in lower case
 * @throws LatchkeyError `AWS_HEADERS_INVALID`
 * @see Conjur: authn-iam; AWS Signature Version 4
 */
export function readSignedCall(body: string, optionalHeaders: readonly string[]): SignedCall {
  const given = readHeaders(body);
  const [, scope = '', list = ''] = authorizationForm.exec(given.get('authorization') ?? '') ?? [];
  if (list === '') throw invalid('Failed to extract signed headers');
  const signed = list.toLowerCase().split(';');
  const missing = signed.filter((name) => !given.has(name));
  if (missing.length > 0) throw invalid(`Missing required signed headers: ${missing.join(', ')}`);
  const allowed = [...permitted, ...optionalHeaders];
  const unexpected = signed.filter((name) => !allowed.includes(name));
  if (unexpected.length > 0) throw invalid(`Unexpected signed headers found: ${unexpected.join(', ')}`);
  const region = regionOf(given.get('host'), scope);
  const headers = [...given].filter(([name]) => allowed.includes(name) && name !== 'host');
  return { region, headers: Object.fromEntries(headers) };
}

function readHeaders(body: string): ReadonlyMap<string, string> {
  const parsed = headersForm.safeParse(parseJson(body));
  if (!parsed.success) throw invalid('Expected a JSON object of headers');
  const entries = Object.entries(parsed.data);
  const headers = new Map(entries.map(([name, value]) => [name.toLowerCase(), value]));
  if (headers.size !== entries.length || headers.size > maxHeaders)
    throw invalid('A header is given twice, or there are too many');
  return headers;
}

/** The region of the host header, else of the credential's scope. */
function regionOf(host: string | undefined, scope: string): string | undefined {
  if (host === globalHost) return undefined;
  const region = host === undefined || host === '' ? scope : regionalHost.exec(host)?.[1];
  if (region === undefined) throw invalid('Host header validation failed');
  if (!regionForm.test(region)) throw invalid('Failed to extract AWS region from authorization header');
  return region;
}

function invalid(fault: string): LatchkeyError {
  return new LatchkeyError('AWS_HEADERS_INVALID', { detail: `Invalid or expired AWS headers: ${fault}` });
}
