import type { Middleware } from 'koa';

/**
 * What every answer says to browsers and caches: nothing here is to be stored, sniffed, framed
 * or run.
 */
export function securityHeaders(): Middleware {
  return async (ctx, next) => {
    const { res } = ctx;
    res.setHeader('Cache-Control', 'no-store');
    res.setHeader('X-Content-Type-Options', 'nosniff');
    res.setHeader('X-Frame-Options', 'DENY');
    res.setHeader('Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'");
    res.setHeader('Referrer-Policy', 'no-referrer');
    await next();
  };
}
