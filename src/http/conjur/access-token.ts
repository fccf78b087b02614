/** How an access token is answered. */
import { answer } from '../answer.ts';
import type { RequestContextOf } from '../context.ts';

/** Answers plain text. */
export function sendText(ctx: RequestContextOf, text: string): void {
  ctx.set('Content-Type', 'text/plain; charset=utf-8');
  ctx.body = text;
}

/** The token as JSON, or in base64 where `Accept-Encoding` lists that. */
export function sendToken(ctx: RequestContextOf, token: string): void {
  const accepted = ctx.req.headers['accept-encoding'];
  if (typeof accepted === 'string' && /(?:^|,)\s*base64\s*(?:,|$)/i.test(accepted)) {
    sendText(ctx, Buffer.from(token).toString('base64'));
    ctx.set('Content-Encoding', 'base64');
    return;
  }
  answer(ctx, 'application/json; charset=utf-8', token);
}
