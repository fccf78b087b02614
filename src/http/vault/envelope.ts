/** How Vault's dialect words an answer. */
import { randomUUID } from 'node:crypto';
import type { RequestContextOf } from '../context.ts';

type Members = Readonly<Record<string, unknown>>;

/** What is answered in Vault's wrapper. */
export interface Wrapped {
  readonly data?: Members;
  /** The answer to a login. */
  readonly auth?: Members;
  readonly warnings?: readonly string[];
  /** What is repeated beside the members of the wrapper. */
  readonly beside?: Members;
}

/** What is answered as it is: what relying parties read, and what speaks OAuth. */
export interface Raw {
  readonly raw: Members;
  /** 200 unless stated. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

export type Reply = Wrapped | Raw;

/**
 * The type of every body. Without a charset: clients compare it as a whole, and read no error from
 * an answer of any other.
 */
const jsonType = 'application/json';

/** Answers a reply, with status 200 unless it states another. */
export function sendReply(ctx: RequestContextOf, reply: Reply): void {
  if ('raw' in reply) {
    for (const [name, value] of Object.entries(reply.headers ?? {})) ctx.set(name, value);
    sendJson(ctx, reply.status ?? 200, reply.raw);
    return;
  }
  const { data = null, auth = null, warnings = [], beside = {} } = reply;
  sendJson(ctx, 200, {
    ...beside,
    request_id: randomUUID(),
    lease_id: '',
    renewable: false,
    lease_duration: 0,
    data,
    wrap_info: null,
    warnings: warnings.length === 0 ? null : warnings,
    auth,
  });
}

/** Answers 204, which is what a write or a delete without anything to say is answered with. */
export function sendNothing(ctx: RequestContextOf): void {
  ctx.status = 204;
}

/** Answers a failure. What is not there has no text. */
export function sendErrors(ctx: RequestContextOf, status: number, errors: readonly string[]): void {
  sendJson(ctx, status, { errors });
}

/** The keys of a list, in ascending order, with what is told of each; nothing, for 404, where there are none. */
export function listReply(
  keys: readonly string[],
  keyInfo?: Readonly<Record<string, Members>>,
): Wrapped | undefined {
  if (keys.length === 0) return undefined;
  return { data: { ...(keyInfo === undefined ? {} : { key_info: keyInfo }), keys } };
}

function sendJson(ctx: RequestContextOf, status: number, body: Members): void {
  ctx.status = status;
  ctx.set('Content-Type', jsonType);
  ctx.body = JSON.stringify(body);
}
