/** Gives each request an id and the client's address. */
import { randomUUID } from 'node:crypto';
import type { Middleware } from 'koa';
import type { RequestState } from '../context.ts';
import { clientAddressReader } from './client-address.ts';

const maxIdLength = 255;

/**
 * Sets `ctx.state.request`. Its id, which the answer carries as `X-Request-Id`, is the one that the client sent,
 * freed of all but letters, digits, `_`, `-` and `@` and cut to 255 characters, or a new UUID.
 */
export function requestState(trustedProxies: readonly string[]): Middleware<RequestState> {
  const clientAddress = clientAddressReader(trustedProxies);
  return async (ctx, next) => {
    const sent = ctx.req.headers['x-request-id'];
    const requestId = (typeof sent === 'string' && cleanId(sent)) || randomUUID();
    ctx.state.request = { requestId, clientIp: clientAddress(ctx.req) };
    await next();
  };
}

function cleanId(sent: string): string {
  return sent.replace(/[^\w\-@]/g, '').slice(0, maxIdLength);
}
