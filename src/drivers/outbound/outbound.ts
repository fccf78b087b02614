import { Agent, request, type Dispatcher } from 'undici';
import { isFailure, LatchkeyError } from '../../domain/errors.ts';
import { guardedLookup } from './address.ts';

/** The bounds of calls to issuers. */
export interface OutboundLimits {
  readonly connectTimeoutMs: number;
  readonly maxResponseBytes: number;
}

/**
 * The connections to one issuer for as long as one fetch takes. None is kept for the next fetch,
 * minutes later: it would hold sockets open on both sides, and fail if the issuer restarts.
 */
export interface Outbound {
  /**
   * Gets a JSON document. Redirects are not followed, to whichever host: metadata and keys are
   * asked for at the address that was checked and configured, and nowhere else.
   * @throws LatchkeyError `ISSUER_NOT_ALLOWED`, `ISSUER_TIMEOUT`; `ISSUER_UNREACHABLE`: no connection, or
   *   a status that is not 200; `ISSUER_INVALID`: a redirect, or an answer that is too large or compressed
   * @param refused the failure for a status that is neither 200 nor a redirect
   */
  get(url: URL, signal: AbortSignal, refused?: (status: number) => LatchkeyError): Promise<Buffer>;
  /**
   * Posts a form, and answers whatever status came back, with its body.
   * @throws LatchkeyError `ISSUER_NOT_ALLOWED`, `ISSUER_TIMEOUT`, `ISSUER_UNREACHABLE`; `ISSUER_INVALID`: a
   *   redirect, or an answer that is too large or compressed
   */
  post(
    url: URL,
    form: string,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<Response>;
  /** Lets go of the connections, at once, whatever is still to be read. */
  close(): Promise<void>;
}

const maxHeaderBytes = 16 * 1_024;
/** The statuses of answers that have no body (Fetch standard, null body status). */
const bodyless: readonly number[] = [204, 205];
const commonHeaders = {
  accept: 'application/json',
  'accept-encoding': 'identity',
  'user-agent': 'latchkey',
};
const timeoutCodes: readonly unknown[] = [
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'ETIMEDOUT',
];

/** @param certificates replace the system's trust store; PEM, one certificate each */
export function openOutbound(certificates: readonly string[] | undefined, limits: OutboundLimits): Outbound {
  const agent = new Agent({
    connections: 1,
    pipelining: 1,
    maxHeaderSize: maxHeaderBytes,
    connect: {
      lookup: guardedLookup(),
      timeout: limits.connectTimeoutMs,
      rejectUnauthorized: true,
      ...(certificates === undefined ? {} : { ca: [...certificates] }),
    },
  });
  return {
    get: async (url, signal, refused = unreachable) => {
      try {
        return await get(agent, url, limits.maxResponseBytes, signal, refused);
      } catch (error) {
        throw asFailure(error, signal);
      }
    },
    post: async (url, form, headers, signal) => {
      try {
        return await post(agent, url, form, headers, limits.maxResponseBytes, signal);
      } catch (error) {
        throw asFailure(error, signal);
      }
    },
    close: () => agent.destroy(),
  };
}

async function get(
  agent: Agent,
  url: URL,
  maxBytes: number,
  signal: AbortSignal,
  refused: (status: number) => LatchkeyError,
): Promise<Buffer> {
  const response = await request(url, {
    dispatcher: agent,
    method: 'GET',
    headers: commonHeaders,
    signal,
  });
  checkHead(response, maxBytes);
  if (response.statusCode !== 200) throw refused(response.statusCode);
  return readBody(response.body, maxBytes);
}

async function post(
  agent: Agent,
  url: URL,
  form: string,
  headers: Readonly<Record<string, string>>,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Response> {
  const response = await request(url, {
    dispatcher: agent,
    method: 'POST',
    headers: { ...headers, ...commonHeaders, 'content-type': 'application/x-www-form-urlencoded' },
    body: form,
    signal,
  });
  checkHead(response, maxBytes);
  const body = new Uint8Array(await readBody(response.body, maxBytes));
  const contentType = response.headers['content-type'];
  return new Response(bodyless.includes(response.statusCode) ? null : body, {
    status: response.statusCode,
    headers: typeof contentType === 'string' ? { 'content-type': contentType } : {},
  });
}

function checkHead({ statusCode, headers }: Dispatcher.ResponseData, maxBytes: number): void {
  if (statusCode >= 300 && statusCode < 400)
    throw invalid('The issuer answered with a redirect, which is not followed');
  if (Number(headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes);
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity')
    throw invalid('The issuer answered in an encoding not asked for');
}

function unreachable(status: number): LatchkeyError {
  return new LatchkeyError('ISSUER_UNREACHABLE', { detail: `The issuer answered with status ${status}` });
}

async function readBody(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw tooLarge(maxBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function asFailure(error: unknown, signal: AbortSignal): LatchkeyError {
  if (isFailure(error)) return error;
  if (signal.aborted) return isFailure(signal.reason) ? signal.reason : timeout(error);
  const code = codeOf(error);
  if (timeoutCodes.includes(code)) return timeout(error);
  const detail = `The issuer could not be reached${typeof code === 'string' ? ` (${code})` : ''}`;
  return new LatchkeyError('ISSUER_UNREACHABLE', { detail, cause: error });
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

function timeout(cause: unknown): LatchkeyError {
  return new LatchkeyError('ISSUER_TIMEOUT', { cause });
}

function tooLarge(maxBytes: number): LatchkeyError {
  return invalid(`The issuer answered with more than ${maxBytes} bytes`);
}

function invalid(detail: string): LatchkeyError {
  return new LatchkeyError('ISSUER_INVALID', { detail });
}
