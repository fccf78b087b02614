/** Requests to one server: its address, its trusted certificates, its time-outs. */
import { Agent, errors, request } from 'undici';
import { CommandError, codeOf } from './exit-codes.ts';

export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** The parts of the path, each percent-encoded as a whole. */
  readonly path: readonly string[];
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly timeoutMs?: number;
}

export interface Answer {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

export interface ConnectionOptions {
  /** `http:` or `https:`, without query; a path is put in front of every other. */
  readonly url: URL;
  /** PEM certificates that replace those that Node.js trusts. */
  readonly ca?: string;
  /** The longest answer that is read. */
  readonly maxAnswerBytes?: number;
}

const connectTimeoutMs = 10_000;
const answerTimeoutMs = 60_000;
const usualMaxAnswerBytes = 64 * 1_024 * 1_024;

/** Holds connections to a server; redirects are never followed, as they would take credentials along. */
export class Connection {
  readonly #url: URL;
  readonly #agent: Agent;

  constructor({ url, ca, maxAnswerBytes = usualMaxAnswerBytes }: ConnectionOptions) {
    this.#url = url;
    this.#agent = new Agent({
      connect: { timeout: connectTimeoutMs, ...(ca === undefined ? {} : { ca }) },
      maxResponseSize: maxAnswerBytes,
      pipelining: 1,
    });
  }

  /** @throws CommandError `usage`, or `unreachable`: no connection, no trust, no answer in time, or none that is HTTP */
  async send(call: Call): Promise<Answer> {
    const timeoutMs = call.timeoutMs ?? answerTimeoutMs;
    const address = addressOf(this.#url, call);
    try {
      const answer = await request(address, {
        dispatcher: this.#agent,
        method: call.method,
        headers: { 'user-agent': 'latchkey', ...call.headers },
        body: call.body ?? null,
        signal: AbortSignal.timeout(timeoutMs),
        headersTimeout: timeoutMs,
        bodyTimeout: timeoutMs,
      });
      const body = Buffer.from(await answer.body.arrayBuffer());
      return { status: answer.statusCode, statusText: answer.statusText, headers: answer.headers, body };
    } catch (error) {
      throw new CommandError(
        'unreachable',
        `cannot reach ${this.#url.origin}: ${reasonOf(error, this.#url)}`,
        error,
      );
    }
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }
}

/** @throws CommandError `usage`: a part is `.` or `..`, which URLs take for a step and not a name */
function addressOf(base: URL, call: Call): URL {
  if (call.path.some((part) => part === '.' || part === '..')) {
    throw new CommandError('usage', 'an id, an account or a login name cannot be . or ..');
  }
  const path = call.path.map(encodeURIComponent).join('/');
  const address = new URL(`${base.origin}${base.pathname.replace(/\/+$/, '')}/${path}`);
  for (const [name, value] of Object.entries(call.query ?? {})) address.searchParams.set(name, value);
  return address;
}

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there. Is the service running, and is this its address?',
  ECONNRESET: 'it closed the connection. Does it speak HTTP on this port, or HTTPS?',
  EPIPE: 'it closed the connection. Does it speak HTTP on this port, or HTTPS?',
  UND_ERR_SOCKET: 'it closed the connection. Does it speak HTTP on this port, or HTTPS?',
  ENOTFOUND: 'the host name is not known',
  EAI_AGAIN: 'the host name could not be looked up',
  EHOSTUNREACH: 'there is no route to it',
  ENETUNREACH: 'there is no route to it',
  ETIMEDOUT: 'it did not answer in time',
  UND_ERR_CONNECT_TIMEOUT: 'it did not answer in time',
  UND_ERR_HEADERS_TIMEOUT: 'it did not answer in time',
  UND_ERR_BODY_TIMEOUT: 'it did not answer in time',
  UND_ERR_RES_EXCEEDED_MAX_SIZE: 'its answer is too long',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak HTTPS on this port. Should the URL start with http:// ?',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'it does not speak HTTPS on this port. Should the URL start with http:// ?',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host name',
};

const untrusted = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_SIGNATURE_FAILURE',
]);

function reasonOf(error: unknown, url: URL): string {
  const code = codeOf(error);
  if (untrusted.has(code)) {
    return 'its certificate is not trusted. Name its CA with: latchkey init --ca-cert FILE, or LATCHKEY_CERT_FILE';
  }
  if (error instanceof Error && error.name === 'TimeoutError') return 'it did not answer in time';
  if (error instanceof errors.HTTPParserError) {
    return url.protocol === 'http:'
      ? 'it does not speak HTTP on this port. Should the URL start with https:// ?'
      : 'its answer is not HTTP';
  }
  return reasons[code] ?? (code === '' ? 'the request failed' : code);
}
