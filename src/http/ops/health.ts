import type { Middleware } from 'koa';
import type { Store } from '../../ports/store.ts';
import type { RequestState } from '../context.ts';

/**
 * `GET /health/live`: the process answers. `GET /health/ready`: the store answers, too, and the
 * server is not shutting down (503 otherwise). Neither needs a token.
 */
export function health(store: Pick<Store, 'health'>, isDraining: () => boolean): Middleware<RequestState> {
  return async (ctx, next) => {
    if (ctx.path === '/health/live') {
      ctx.body = { status: 'ok' };
    } else if (ctx.path === '/health/ready') {
      const ready = !isDraining() && (await answers(store));
      ctx.status = ready ? 200 : 503;
      ctx.body = { status: ready ? 'ok' : 'unavailable' };
    } else {
      await next();
    }
  };
}

async function answers(store: Pick<Store, 'health'>): Promise<boolean> {
  try {
    await store.health();
    return true;
  } catch {
    return false;
  }
}
