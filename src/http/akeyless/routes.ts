/** Akeyless' management API: the whole table of its calls, each a POST of a JSON object. */
import { beginSession, holderOf } from '../../domain/provider/akeyless/token-holder.ts';
import type { Services } from '../../domain/services.ts';
import type { RequestContextOf } from '../context.ts';
import { appCalls } from './apps.ts';
import { presentedProof } from './auth.ts';
import { readParameters, textOf } from './body.ts';
import type { Answer, Call } from './call.ts';
import { hideAuthenticationFailures } from './errors.ts';
import { identityCalls } from './identities.ts';

type Handler = (ctx: RequestContextOf) => Promise<void>;

/** The calls by their paths, without the slash. */
export function akeylessCalls(services: Services): Readonly<Record<string, Handler>> {
  const calls: Readonly<Record<string, Call>> = { ...appCalls(services), ...identityCalls(services) };
  const handlers = Object.entries(calls).map(([path, call]) => [path, asHolder(services, call)] as const);
  return { auth: postAuth(services), ...Object.fromEntries(handlers) };
}

/** POST /auth */
function postAuth(services: Services): Handler {
  return async (ctx) => {
    hideAuthenticationFailures(ctx);
    const proof = presentedProof(await readParameters(ctx));
    const token = await beginSession(services, ctx.state.request, services.settings.account, proof);
    send(ctx, { token });
  };
}

/** As whom the parameter `token` says. */
function asHolder(services: Services, call: Call): Handler {
  return async (ctx) => {
    const parameters = await readParameters(ctx);
    const { request } = ctx.state;
    const token = textOf(parameters, 'token') ?? '';
    const { actor } = await holderOf(services, request, services.settings.account, token);
    send(ctx, await call({ requestId: request.requestId, clientIp: request.clientIp, actor }, parameters));
  };
}

/** Answers hold secrets and tokens, so nothing may keep them. */
function send(ctx: RequestContextOf, answer: Answer): void {
  ctx.set('Cache-Control', 'no-store');
  ctx.status = 200;
  ctx.body = answer;
}
