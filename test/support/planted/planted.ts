/** The secrets of this run, and everything that its services logged or audited. */
import { readFileSync, statSync } from 'node:fs';
import type { DestinationStream } from 'pino';
import { temporaryDirectory } from '../temp.ts';
import { LeakCheck } from './leak-check.ts';

/** Mocha runs files in several processes: its first one makes the folder, the others inherit its name. */
const folderName = 'TEST_PLANTED_FOLDER';
const folder = (process.env[folderName] ??= temporaryDirectory().path);

export const planted = new LeakCheck(folder);

/** Takes what a service wrote to its audit file; one that is not there, or is no file, is left alone. */
export function collectFile(path: string): void {
  if (path === '-') return;
  try {
    // A device such as /dev/full can be read without end.
    if (statSync(path).isFile()) planted.collect(readFileSync(path), 'an audit file');
  } catch {
    // Some tests take it away, or make it something else.
  }
}

/** Where a service of this process logs to. */
export const collectedLog: DestinationStream = {
  write: (line) => {
    planted.collect(line, 'a log');
  },
};

/** Names of fields, without `_` and `-`, in lower case. */
const secretField =
  /^(?:apikey|password|newpassword|secret|clientsecret|token|accesstoken|refreshtoken|idtoken|clienttoken|codeverifier|privatekey|secretvalue|accesskey|signature)$/;
/** Paths whose bodies are secrets as they are: values, keys and passwords. */
const secretPath = /^\/secrets\/|\/(?:login|authenticate|api_key|password)$/;

/** Variables of authenticators that are settings, and no secrets: the service may log them. */
const authenticatorSetting =
  /^\/secrets\/[^/]+\/variable\/conjur(?:%2F|\/)authn-.*(?<!secret|password|key|keys)$/i;

/** What is sent and answered over HTTP. */
export interface Exchange {
  readonly url: string;
  readonly headers: Headers;
  readonly body: unknown;
  readonly status: number;
  readonly answer: Uint8Array;
}

/** As `fetch`, and registers the secrets that the request and its answer are about. */
export async function observedFetch(url: string | URL, init: RequestInit = {}): Promise<Response> {
  const response = await fetch(url, init);
  plantExchange({
    url: String(url),
    headers: new Headers(init.headers),
    body: init.body,
    status: response.status,
    answer: new Uint8Array(await response.clone().arrayBuffer()),
  });
  return response;
}

/** Registers the secrets that a request and its answer are about. */
export function plantExchange({ url, headers, body, status, answer }: Exchange): void {
  const { pathname, searchParams } = new URL(url);
  plantAuthorization(headers.get('authorization'));
  for (const name of ['x-vault-token', 'cookie']) {
    const sent = headers.get(name);
    if (sent !== null) planted.plant(sent, `a header ${name}`);
  }
  // Random texts, which come again elsewhere, are tried at the sign-in pages: no secrets unless taken.
  if (status < 400 || !pathname.startsWith('/sign-in/')) {
    plantFields(searchParams, pathname);
    plantBody(body, pathname);
  }
  const text = Buffer.from(answer).toString();
  if (status < 300) plantBody(text, pathname);
  if (!secretPath.test(pathname) || authenticatorSetting.test(pathname)) return;
  const isBody = typeof body === 'string' || body instanceof Uint8Array;
  if (isBody && !/^[\w.-]+=/.test(String(body))) planted.plant(body, `what was sent to ${pathname}`);
  if (status < 300 && !text.startsWith('{')) planted.plant(answer, `what ${pathname} answered`);
}

/** Registers what a request or an answer holds of secrets, by the names of fields in JSON and forms. */
function plantBody(body: unknown, place: string): void {
  if (typeof body === 'string') {
    const text = body.trimStart();
    if (text.startsWith('{') || text.startsWith('[')) plantJson(text, place);
    else if (/^[\w.-]+=[^\s]*$/.test(text)) plantFields(new URLSearchParams(text), place);
  } else if (body instanceof URLSearchParams) {
    plantFields(body, place);
  }
}

/** Registers the credentials of an `Authorization` header. */
function plantAuthorization(header: string | null | undefined): void {
  const [, scheme = '', credentials = ''] = /^(\w+) (?:token=)?"?([^"]+)"?$/i.exec(header ?? '') ?? [];
  if (scheme.toLowerCase() === 'basic') {
    const decoded = Buffer.from(credentials, 'base64').toString();
    const colon = decoded.indexOf(':');
    const [name, secret] = [decoded.slice(0, colon), decoded.slice(colon + 1)];
    if (secret !== name) planted.plant(secret, 'a password or API key');
  } else if (scheme.toLowerCase() === 'token') {
    plantBody(Buffer.from(credentials, 'base64').toString(), 'a token');
  } else if (scheme.toLowerCase() === 'bearer') {
    planted.plant(credentials, 'a bearer token');
  }
}

function plantJson(text: string, place: string): void {
  try {
    plantValues(JSON.parse(text), place);
  } catch {
    // Not JSON after all.
  }
}

function plantValues(value: unknown, place: string): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [name, item] of Object.entries(value)) {
    if (typeof item === 'string' && isSecret(name)) planted.plant(item, `the field ${name} of ${place}`);
    else plantValues(item, place);
  }
}

function plantFields(fields: URLSearchParams, place: string): void {
  const open = new Set([...fields].filter(([name]) => !isSecret(name)).map(([, value]) => value));
  for (const [name, value] of fields) {
    if (name === 'code') planted.plant(value, `the field code of ${place}`);
    // Some tests try a name for the password, and names are no secrets.
    else if (isSecret(name) && !open.has(value)) planted.plant(value, `the field ${name} of ${place}`);
  }
}

function isSecret(name: string): boolean {
  return secretField.test(name.toLowerCase().replaceAll(/[-_]/g, ''));
}
