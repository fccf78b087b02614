/** The sign-in pages of the OpenID Provider: plain HTML forms, without any script. */
import Router from '@koa/router';
import type { Middleware } from 'koa';
import { LatchkeyError, type ErrorCode } from '../../domain/errors.ts';
import type { ErrorKind } from '../../domain/errors/entry.ts';
import { begunWindowSeconds } from '../../domain/provider/sign-in/begun.ts';
import type { Services } from '../../domain/services.ts';
import type { RequestContextOf, RequestState } from '../context.ts';
import type { Engine } from '../engine/engine-types.ts';
import { message } from '../pages/forms.ts';
import { answerPage, stylesheetPath } from '../pages/page.ts';
import { stylesheet } from '../pages/style.ts';
import { statusOfKind as usualStatusOfKind } from '../status-of-kind.ts';
import { pages } from './pages.ts';
import type { PageRoute } from './page-route.ts';
import { signInRoutes } from './sign-in.ts';
import { upstreamRoutes } from './upstream.ts';

/** Everything that the face serves. */
function pageRoutes(services: Services, engine: Engine): readonly PageRoute[] {
  return [
    ['get', stylesheetPath, answerStylesheet],
    ...upstreamRoutes(services, engine),
    ...signInRoutes(services, engine),
  ];
}

/** @param engine has its pages set by this */
export function signInFace(services: Services, engine: Engine): Middleware<RequestState> {
  engine.usePages(pages);
  const router = new Router<RequestState>({ sensitive: true, strict: true });
  for (const [method, path, handle] of pageRoutes(services, engine)) {
    router.register(path, [method], async (ctx) => {
      await handle(ctx, ctx.params);
    });
  }
  const dispatch = router.routes() as unknown as Middleware<RequestState>;
  return async (ctx) => {
    ctx.state.renderError = renderProblem;
    await dispatch(ctx, () => {
      throw unrouted(router, ctx);
    });
  };
}

/** There is no such page, or it is not asked for that way. */
function unrouted(router: Router<RequestState>, ctx: RequestContextOf): LatchkeyError {
  const methods = router.match(ctx.path, ctx.method).path.flatMap((layer) => layer.methods);
  if (methods.length === 0) return new LatchkeyError('ROUTE_NOT_FOUND');
  ctx.set('Allow', [...new Set(methods)].sort().join(', '));
  return new LatchkeyError('METHOD_NOT_ALLOWED');
}

const stylesheetMaxAgeSeconds = 60 * 60;

function answerStylesheet(ctx: RequestContextOf): void {
  ctx.set('Cache-Control', `public, max-age=${stylesheetMaxAgeSeconds}`);
  ctx.type = 'text/css; charset=utf-8';
  ctx.body = stylesheet;
}

const statusOfKind: Readonly<Record<ErrorKind, number>> = { ...usualStatusOfKind, unauthenticated: 403 };

const statusOfCode: Partial<Record<ErrorCode, number>> = { METHOD_NOT_ALLOWED: 405, SIGN_INS_EXCEEDED: 429 };

/** Shows a failure as a page. */
function renderProblem(ctx: RequestContextOf, failure: LatchkeyError): void {
  const unexpected = failure.kind === 'internal' || failure.kind === 'unavailable';
  const status = statusOfCode[failure.code] ?? statusOfKind[failure.kind];
  if (status === 503) ctx.set('Retry-After', '1');
  if (status === 429) ctx.set('Retry-After', String(begunWindowSeconds));
  answerPage(ctx, {
    title: unexpected ? 'Something went wrong' : 'This page cannot be shown',
    content: message(`${failure.publicText}.`, `Request ${ctx.state.request.requestId}`),
    status,
  });
}
