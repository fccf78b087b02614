import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import type { Middleware } from 'koa';
import type { RequestState } from '../context.ts';
import { trustedPeers } from './client-address.ts';

/**
 * What every answer says to browsers and caches: nothing here is to be stored, sniffed, framed
 * or run. Names and values in turn.
 */
export const securityHeaders: readonly string[] = [
  'Cache-Control',
  'no-store',
  'X-Content-Type-Options',
  'nosniff',
  'X-Frame-Options',
  'DENY',
  'Content-Security-Policy',
  "default-src 'none'; frame-ancestors 'none'",
  'Referrer-Policy',
  'no-referrer',
];

export interface TransportSecurity {
  /** How long browsers shall call this host by HTTPS only; 0 does not say it. */
  readonly hstsMaxAgeSeconds: number;
  /** Addresses and CIDRs of proxies whose X-Forwarded-Proto is believed; loopback always is. */
  readonly trustedProxies: readonly string[];
}

/**
 * Puts {@link securityHeaders} and the request's id on whatever Koa answers; what a face said of one of them stays.
 * Where the client's connection is HTTPS, here or at a trusted proxy that says so, they are
 * joined by Strict-Transport-Security, of this host alone (RFC 6797 section 7.2: never over HTTP).
 */
export function withSecurityHeaders(transport: TransportSecurity): Middleware<RequestState> {
  const { hstsMaxAgeSeconds } = transport;
  const overHttps = [...securityHeaders, 'Strict-Transport-Security', `max-age=${String(hstsMaxAgeSeconds)}`];
  const isHttps = httpsTest(transport.trustedProxies);
  return async (ctx, next) => {
    const headers = hstsMaxAgeSeconds > 0 && isHttps(ctx.req) ? overHttps : securityHeaders;
    ctx.state.securityHeaders = headers;
    await next();
    if (ctx.respond === false) return;
    ctx.res.setHeader('X-Request-Id', ctx.state.request.requestId);
    for (let index = 0; index < headers.length; index += 2) {
      const name = headers[index] ?? '';
      if (!ctx.res.hasHeader(name)) ctx.res.setHeader(name, headers[index + 1] ?? '');
    }
  };
}

function httpsTest(trustedProxies: readonly string[]): (request: IncomingMessage) => boolean {
  const fromTrusted = trustedPeers(trustedProxies);
  return (request) =>
    request.socket instanceof TLSSocket ||
    (request.headers['x-forwarded-proto'] === 'https' && fromTrusted(request));
}
