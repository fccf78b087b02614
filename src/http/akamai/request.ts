/** What every call of the configuration API brings. */
import { LatchkeyError } from '../../domain/errors.ts';
import type { ConfigurationRequest, ReadBody } from '../../domain/provider/akamai/access.ts';
import { parseJson } from '../../parse-json.ts';
import { readBody } from '../body.ts';
import type { RequestContextOf } from '../context.ts';

const maxBytes = 1_024 * 1_024;
const maxDepth = 32;

/** The parts of a call that are not its subject; `?force=true` has a change made in spite of what it takes away. */
export function configurationRequest(ctx: RequestContextOf, customerId: string): ConfigurationRequest {
  const { requestId, clientIp } = ctx.state.request;
  const forced = new URLSearchParams(ctx.querystring).get('force') === 'true';
  return { requestId, clientIp, customerId, bearer: bearerOf(ctx.req.headers.authorization), forced };
}

/** The token of `Authorization: Bearer` (RFC 6750 section 2.1); any other scheme counts as no token. */
function bearerOf(authorization: string | undefined): string | undefined {
  return /^Bearer +([A-Za-z0-9._~+/-]+=*) *$/i.exec(authorization ?? '')?.[1];
}

/**
 * The JSON object in a body, whatever type it is said to have.
 * @param whenEmpty what an empty body stands for; by default it is refused
 * @throws LatchkeyError `BODY_TOO_LARGE`: over 1 MiB
 * @throws LatchkeyError `JSON_MALFORMED`: no JSON object, or nested more than 32 deep
 */
export async function readJson(
  ctx: RequestContextOf,
  whenEmpty?: Readonly<Record<string, unknown>>,
): Promise<Readonly<Record<string, unknown>>> {
  const text = (await readBody(ctx, maxBytes)).toString();
  if (whenEmpty !== undefined && text.trim() === '') return whenEmpty;
  const value = nesting(text) > maxDepth ? undefined : parseJson(text);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Readonly<Record<string, unknown>>;
  }
  const advice = /[^\\]\\\*/.test(text)
    ? '. In JSON a backslash is written twice; ** alone means the same'
    : '';
  throw new LatchkeyError('JSON_MALFORMED', { detail: `The body must be a JSON object${advice}` });
}

/** {@link readJson} when it is asked for, and once however often that is. */
export function bodyOf(ctx: RequestContextOf, whenEmpty?: Readonly<Record<string, unknown>>): ReadBody {
  let body: ReturnType<ReadBody> | undefined;
  return () => (body ??= readJson(ctx, whenEmpty));
}

/** How deep brackets are nested at most, those in texts included: a limit, no more. */
function nesting(text: string): number {
  let [depth, deepest] = [0, 0];
  for (const character of text) {
    if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') depth -= 1;
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}
