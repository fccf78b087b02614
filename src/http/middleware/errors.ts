import type { Middleware } from 'koa';
import { LatchkeyError } from '../../domain/errors.ts';
import type { Log } from '../../log.ts';
import type { RequestContextOf, RequestState } from '../context.ts';
import { holdBack } from '../load/refusal.ts';

/** How a face words a failure. */
export type RenderError = (ctx: RequestContextOf, error: LatchkeyError) => void;

/**
 * The only catch-all. What is not a {@link LatchkeyError} is a fault of ours: it is logged once
 * and answered as `INTERNAL`, which shows nothing.
 * @param onFailure is told of every failure, before it is rendered
 */
export function errors(
  log: Log,
  render: RenderError,
  onFailure?: (ctx: RequestContextOf, failure: LatchkeyError) => void,
): Middleware<RequestState> {
  return async (ctx, next) => {
    try {
      await next();
    } catch (error) {
      const failure =
        error instanceof LatchkeyError ? error : new LatchkeyError('INTERNAL', { cause: error });
      onFailure?.(ctx, failure);
      const { requestId } = ctx.state.request;
      // What is refused for load is counted; a line for each would only add to it.
      if ((failure.kind === 'internal' || failure.kind === 'unavailable') && failure.code !== 'OVERLOADED') {
        log.error(
          { request_id: requestId, code: failure.code, err: failure.cause ?? failure, method: ctx.method },
          failure.message,
        );
      } else {
        const { code, detail, conjurName, cause } = failure;
        const because = cause instanceof LatchkeyError ? cause.detail : undefined;
        log.debug({ request_id: requestId, code, detail, because, conjur: conjurName }, 'request refused');
      }
      render(ctx, failure);
      if (failure.code === 'OVERLOADED') holdBack(ctx.req, ctx.state.request.clientIp);
    }
  };
}
