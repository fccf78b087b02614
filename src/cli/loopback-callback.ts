/** Where an issuer sends the user's browser back to: a server on this machine, for one login. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { isIP } from 'node:net';
import { CommandError } from './exit-codes.ts';

export interface Callback {
  /** Settles with the authorization code. */
  readonly code: Promise<string>;
  close(): Promise<void>;
}

const loopbackHosts: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Listens where the redirect URI says, which must be `http` on a loopback address (RFC 8252
 * section 7.3). A request with another `state` is refused and the wait goes on, so that nobody who
 * can send a browser here ends the login or slips in a code of his own.
 *
 * @throws CommandError `usage`: the redirect URI is not one that this machine can serve
 * @throws CommandError `refused`, by `code`: the issuer refused, or nobody came in time
 */
export async function listenForCallback(
  redirectUri: string,
  state: string,
  timeoutMs: number,
): Promise<Callback> {
  const address = URL.canParse(redirectUri) ? new URL(redirectUri) : undefined;
  if (address?.protocol !== 'http:' || !loopbackHosts.includes(address.hostname)) {
    throw new CommandError(
      'usage',
      'the service sends browsers to another machine: its variable redirect-uri must be like http://localhost:8888/callback',
    );
  }
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 10_000 });
  const code = codeFrom(server, address.pathname, state, timeoutMs);
  const host = address.hostname.replace(/^\[|\]$/g, '');
  try {
    server.listen(address.port === '' ? 80 : Number(address.port), isIP(host) === 0 ? 'localhost' : host);
    await once(server, 'listening');
  } catch (error) {
    throw new CommandError(
      'usage',
      `cannot listen on ${address.host}: is another login waiting there?`,
      error,
    );
  }
  return {
    code,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function codeFrom(server: Server, path: string, state: string, timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new CommandError('refused', 'nobody logged in within the time. Run the command again'));
    }, timeoutMs);
    server.on('close', () => {
      clearTimeout(timer);
    });
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      const target = new URL(request.url ?? '/', 'http://localhost');
      const given = target.searchParams;
      if (request.method !== 'GET' || target.pathname !== path || !same(given.get('state'), state)) {
        answer(response, 400, 'This is not the answer to a login that is under way.');
        return;
      }
      const code = given.get('code') ?? '';
      if (code === '') {
        answer(response, 400, 'You were not logged in. You may close this window.');
        reject(new CommandError('refused', `the issuer did not log you in: ${reasonOf(given.get('error'))}`));
        return;
      }
      answer(response, 200, 'You may close this window and go back to the command line.');
      resolve(code);
    });
  });
}

/** The error codes of OAuth 2.0 (RFC 6749 section 4.1.2.1); anything else is not repeated. */
function reasonOf(error: string | null): string {
  return error !== null && /^[a-z_]{1,60}$/.test(error) ? error : 'it gave no reason';
}

function same(given: string | null, expected: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return given !== null && timingSafeEqual(digest(given), digest(expected));
}

function answer(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'",
    connection: 'close',
  });
  response.end(`${text}\n`);
}
