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
   */
  get(url: URL, signal: AbortSignal): Promise<Buffer>;
  /** Lets go of the connections, at once, whatever is still to be read. */
  close(): Promise<void>;
}

const maxHeaderBytes = 16 * 1_024;
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
    get: async (url, signal) => {
      try {
        return await get(agent, url, limits.maxResponseBytes, signal);
      } catch (error) {
        throw asFailure(error, signal);
      }
    },
    close: () => agent.destroy(),
  };
}

async function get(agent: Agent, url: URL, maxBytes: number, signal: AbortSignal): Promise<Buffer> {
  const headers = { accept: 'application/json', 'accept-encoding': 'identity', 'user-agent': 'latchkey' };
  const response = await request(url, { dispatcher: agent, method: 'GET', headers, signal });
  checkHead(response, maxBytes);
  return readBody(response.body, maxBytes);
}

function checkHead({ statusCode, headers }: Dispatcher.ResponseData, maxBytes: number): void {
  if (statusCode >= 300 && statusCode < 400)
    throw invalid('The issuer answered with a redirect, which is not followed');
  if (statusCode !== 200) {
    throw new LatchkeyError('ISSUER_UNREACHABLE', {
      detail: `The issuer answered with status ${statusCode}`,
    });
  }
  if (Number(headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes);
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity')
    throw invalid('The issuer answered in an encoding not asked for');
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
