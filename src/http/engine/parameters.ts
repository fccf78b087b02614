/** The parameters of OAuth requests. */
import { LatchkeyError } from '../../domain/errors.ts';
import { readBody } from '../body.ts';
import type { RequestContextOf } from '../context.ts';

export const maxFormBytes = 64 * 1_024;
/** More than any request of the protocol has. */
const maxParameters = 100;
/** Written as a query. */
const maxPageLength = 16 * 1_024;
const urlencoded = 'application/x-www-form-urlencoded';

/**
 * The parameters of a POST: those of an urlencoded body, or what the face parsed already.
 * @throws LatchkeyError `OAUTH_INVALID_REQUEST`: another content type, or too many parameters
 * @throws LatchkeyError `BODY_TOO_LARGE`, `BODY_INVALID`
 */
export async function formParameters(ctx: RequestContextOf): Promise<URLSearchParams> {
  const { body } = ctx.request as { readonly body?: unknown };
  if (typeof body === 'object' && body !== null) return bounded(parsedParameters(body));
  const type = ctx.req.headers['content-type'];
  const mediaType = type?.split(';', 1)[0]?.trim().toLowerCase();
  if (mediaType !== undefined && mediaType !== urlencoded) {
    throw new LatchkeyError('OAUTH_INVALID_REQUEST', {
      detail: 'the body is not urlencoded',
      advice: `the body must be of the type ${urlencoded}`,
    });
  }
  const raw = await readBody(ctx, maxFormBytes);
  return bounded(new URLSearchParams(raw.toString('utf8')));
}

/**
 * The parameters of a page, which are kept for as long as somebody takes to answer it, whoever asked for it: so
 * they are limited to 16 KiB, by GET and by POST.
 * @throws LatchkeyError `OAUTH_INVALID_REQUEST`: they are longer; and as {@link formParameters}
 */
export async function pageParameters(ctx: RequestContextOf): Promise<URLSearchParams> {
  const parameters = ctx.method === 'POST' ? await formParameters(ctx) : new URLSearchParams(ctx.querystring);
  if (parameters.toString().length <= maxPageLength) return parameters;
  throw new LatchkeyError('OAUTH_INVALID_REQUEST', {
    detail: 'the request is too long',
    advice: 'the request is too long',
  });
}

/** What a face parsed: texts, or lists of texts for what came several times. */
function parsedParameters(body: object): URLSearchParams {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(body) as [string, unknown][]) {
    for (const text of Array.isArray(value) ? (value as unknown[]) : [value]) {
      if (typeof text === 'string') parameters.append(name, text);
    }
  }
  return parameters;
}

function bounded(parameters: URLSearchParams): URLSearchParams {
  if (parameters.size <= maxParameters) return parameters;
  throw new LatchkeyError('OAUTH_INVALID_REQUEST', {
    detail: 'too many parameters',
    advice: 'too many parameters',
  });
}

/** Several values of a parameter that may have several, as one that separates them by blanks. */
export function joinRepeated(parameters: URLSearchParams, names: readonly string[]): void {
  for (const name of names) {
    const values = parameters.getAll(name);
    if (values.length > 1) parameters.set(name, values.join(' '));
  }
}
