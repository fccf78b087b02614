/** Calls by scripts of other origins (the Fetch standard's CORS protocol). Never with cookies. */
import type { RequestContextOf } from '../context.ts';

const maxAgeSeconds = 3_600;

/** Lets scripts of any origin read the answer. */
export function allowAnyOrigin(ctx: RequestContextOf): void {
  ctx.set('Access-Control-Allow-Origin', '*');
  ctx.set('Access-Control-Expose-Headers', 'WWW-Authenticate');
}

/** Answers a preflight. */
export function answerPreflight(ctx: RequestContextOf, methods: string): void {
  ctx.set('Access-Control-Allow-Origin', '*');
  ctx.set('Access-Control-Allow-Methods', methods);
  ctx.set('Access-Control-Allow-Headers', 'Authorization, Content-Type');
  ctx.set('Access-Control-Max-Age', String(maxAgeSeconds));
  ctx.status = 204;
}
