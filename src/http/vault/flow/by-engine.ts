/** Requests that the engine answers as it does for every dialect. */
import { LatchkeyError } from '../../../domain/errors.ts';
import type { ClientRecord } from '../../../domain/provider/registry/records.ts';
import type { Endpoint, IssuerEngine } from '../../engine/types.ts';
import type { RequestContextOf } from '../../context.ts';
import type { Raw } from '../envelope.ts';
import type { PresentedClient } from './presented-client.ts';
import { challenge, tokenHeaders } from './reply.ts';

type Parameters = Readonly<Record<string, string | undefined>>;

/**
 * Has the engine answer a request, and answers as it did in the form of this dialect. The credentials
 * are given to it in the body, in whichever form they came; those of a public client are not.
 */
export async function servedByEngine(
  engine: IssuerEngine,
  ctx: RequestContextOf,
  endpoint: Endpoint,
  credentials: { readonly client: ClientRecord | undefined; readonly presented: PresentedClient | undefined },
  parameters: Parameters,
): Promise<Raw> {
  const { client, presented } = credentials;
  const secret = client?.type === 'public' ? undefined : presented?.clientSecret;
  const body = {
    ...withoutCredentials(parameters),
    ...(presented === undefined ? {} : { client_id: presented.clientId }),
    ...(secret === undefined || secret === '' ? {} : { client_secret: secret }),
  };
  delete ctx.req.headers.authorization;
  // PUT, which is the same here, it does not know.
  ctx.method = 'POST';
  Object.assign(ctx.request, { body });
  await engine.serve(ctx, endpoint);
  const { status } = ctx;
  return {
    raw: objectIn(ctx.body),
    status,
    headers: status === 401 ? { ...tokenHeaders, ...challenge } : tokenHeaders,
  };
}

function withoutCredentials(parameters: Parameters): Parameters {
  const others = Object.entries(parameters).filter(
    ([name]) => name !== 'client_id' && name !== 'client_secret',
  );
  return Object.fromEntries(others);
}

/** A revocation has nothing to say (RFC 7009 section 2.2). */
function objectIn(body: unknown): Raw['raw'] {
  if (body === undefined || body === null || body === '') return {};
  if (typeof body === 'object' && !Array.isArray(body)) return body as Raw['raw'];
  throw new LatchkeyError('INTERNAL', { detail: 'the engine answered with something that is no object' });
}
