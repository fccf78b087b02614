import type { Middleware } from 'koa';
import type { RequestState } from '../context.ts';

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

/** Puts {@link securityHeaders} and the request's id on whatever Koa answers; what a face said of one of them stays. */
export function withSecurityHeaders(): Middleware<RequestState> {
  return async (ctx, next) => {
    await next();
    if (ctx.respond === false) return;
    ctx.res.setHeader('X-Request-Id', ctx.state.request.requestId);
    for (let index = 0; index < securityHeaders.length; index += 2) {
      const name = securityHeaders[index] ?? '';
      if (!ctx.res.hasHeader(name)) ctx.res.setHeader(name, securityHeaders[index + 1] ?? '');
    }
  };
}
