/**
 * The face of Vault's dialect, everything below `/v1/`. A request goes through: which operation it
 * is, the namespace, the route, the token where the route demands one, the body or query, the
 * handler, the wrapper. Without a good token a path that does not exist is answered as one that does.
 */
import type { Middleware } from 'koa';
import { LatchkeyError } from '../../domain/errors.ts';
import type { Services } from '../../domain/services.ts';
import type { RequestContextOf, RequestState } from '../context.ts';
import type { Engine } from '../engine/engine-types.ts';
import { givenByBody, givenByQuery } from './body.ts';
import { answerPreflight, sharesWithAnyOrigin } from './cross-origin.ts';
import { sendErrors, sendNothing, sendReply, type Reply } from './envelope.ts';
import { renderError } from './errors.ts';
import type { Given } from './fields.ts';
import { operationOf } from './operation.ts';
import { matcherOf, type Match, type Operation, type Route } from './routing.ts';
import { vaultRoutes } from './routes.ts';
import { vaultToken } from './token.ts';

const prefix = '/v1/';

/** The middleware that answers every path below `/v1`. */
export function vaultFace(services: Services, engine: Engine): Middleware<RequestState> {
  const match = matcherOf(vaultRoutes(services, engine));
  return async (ctx) => {
    ctx.state.renderError = renderError;
    const segments = segmentsOf(ctx.path);
    const matched = match(segments);
    if (matched?.route.anyOrigin === true) {
      sharesWithAnyOrigin(ctx);
      if (ctx.method === 'OPTIONS') {
        answerPreflight(ctx, matched.route);
        return;
      }
    }
    const operation = operationOf(ctx, segments);
    requireSupportedHeaders(ctx);
    const reply = await run(services, ctx, segments, operation, matched);
    if (reply !== undefined) sendReply(ctx, reply);
    else if (operation === 'read' || operation === 'list') sendErrors(ctx, 404, []);
    else sendNothing(ctx);
  };
}

async function run(
  services: Services,
  ctx: RequestContextOf,
  segments: readonly string[],
  operation: Operation,
  matched: Match | undefined,
): Promise<Reply | undefined> {
  const demanded = matched === undefined || matched.route.access === 'token';
  const token = demanded ? await vaultToken(services, ctx) : undefined;
  if (matched === undefined) throw unsupported(segments);
  const { route, captured } = matched;
  if (!route.operations.includes(operation)) throw new LatchkeyError('VAULT_OPERATION_UNSUPPORTED');
  const given = operation === 'write' ? await givenByBody(ctx, route.maxBodyBytes) : givenByQuery(ctx);
  const reply = await route.run({ ctx, operation, captured, given, token });
  return reply === undefined || 'raw' in reply ? reply : withWarnings(reply, route, captured, given);
}

/** What is told along with an answer that there is anyway: fields that the endpoint does not know. */
function withWarnings<R extends Exclude<Reply, { readonly raw: unknown }>>(
  reply: R,
  route: Route,
  captured: Readonly<Record<string, string>>,
  given: Given,
): R {
  const names = [...given.keys()].sort();
  const unknown = names.filter((name) => !route.fieldNames.includes(name) && !Object.hasOwn(captured, name));
  const replaced = names.filter((name) => Object.hasOwn(captured, name));
  const warnings = [...(reply.warnings ?? [])];
  if (unknown.length > 0) {
    warnings.push(`Endpoint ignored these unrecognized parameters: [${unknown.join(' ')}]`);
  }
  if (replaced.length > 0) {
    const text =
      "Endpoint replaced the value of these parameters with the values captured from the endpoint's path";
    warnings.push(`${text}: [${replaced.join(' ')}]`);
  }
  return { ...reply, warnings };
}

/**
 * The segments below `/v1/`, decoded: an escaped slash separates as a plain one does.
 * @throws LatchkeyError `VAULT_REQUEST_UNREADABLE`: the escapes are not text in UTF-8
 */
function segmentsOf(path: string): readonly string[] {
  try {
    return decodeURIComponent(path.slice(prefix.length)).split('/');
  } catch (error) {
    throw new LatchkeyError('VAULT_REQUEST_UNREADABLE', { cause: error });
  }
}

const mounts = [['identity'], ['sys'], ['auth', 'token'], ['auth', 'userpass']];

function unsupported(segments: readonly string[]): LatchkeyError {
  const mounted = mounts.some((mount) => mount.every((part, index) => segments[index] === part));
  if (segments[0] === '') return new LatchkeyError('ROUTE_NOT_FOUND');
  if (mounted) return new LatchkeyError('VAULT_PATH_UNSUPPORTED');
  const detail = `no handler for route "${segments.join('/').slice(0, 200)}". route entry not found.`;
  return new LatchkeyError('VAULT_PATH_UNSUPPORTED', { detail });
}

/**
 * There is one namespace, and nothing is wrapped: whoever asked for either must not be given another answer.
 * @throws LatchkeyError `VAULT_NAMESPACE_UNKNOWN`
 * @throws LatchkeyError `PARAMETER_INVALID`: a wrapped answer is asked for
 */
function requireSupportedHeaders(ctx: RequestContextOf): void {
  const namespace = ctx.get('X-Vault-Namespace');
  if (namespace !== '') ctx.set('X-Vault-Namespace', namespace.replace(/[^\x20-\x7e]/g, ''));
  if (!/^(?:root)?\/?$/.test(namespace)) throw new LatchkeyError('VAULT_NAMESPACE_UNKNOWN');
  if (ctx.get('X-Vault-Wrap-TTL') !== '') {
    throw new LatchkeyError('PARAMETER_INVALID', { detail: 'response wrapping is not supported' });
  }
}
