/** What every request of the versioned API goes through. */
import type { ActorRequest } from '../../../domain/request.ts';
import { auditedManagement, type Management } from '../../../domain/management.ts';
import type { Services } from '../../../domain/services.ts';
import { readBody } from '../../body.ts';
import type { RequestContextOf } from '../../context.ts';
import { jsonText } from '../json.ts';
import { actorRequest, type Handler, type Params } from '../routing.ts';
import { maxBodyBytes, objectIn, type JsonBody } from './json-body.ts';
import { requireVersion } from './media-type.ts';

/** What the record of a request will state: known bit by bit while the request is read. */
export interface Trail {
  resourceType: string;
  name: string;
  body: string | undefined;
}

/** One request: who makes it, its path's parameters, its body as it was sent, and its record. */
export interface ManagedRequest {
  readonly ctx: RequestContextOf;
  readonly request: ActorRequest;
  readonly params: Params;
  /** Empty where none was sent, and for a request that takes none. */
  readonly text: string;
  readonly trail: Trail;
}

/** A status with a body, or without one. */
export interface Reply {
  readonly status: number;
  readonly body?: unknown;
}

/**
 * A handler that asks for the version, reads the body where one is expected, records the act and
 * answers in the media type that was asked for, as it was asked for.
 */
export function managed(
  services: Services,
  resourceType: string,
  operation: Management['operation'],
  act: (managedRequest: ManagedRequest) => Promise<Reply>,
): Handler {
  const takesBody = operation === 'create' || operation === 'update' || operation === 'enable';
  return async (ctx, params) => {
    requireVersion(ctx);
    const request = actorRequest(ctx);
    const text = takesBody ? (await readBody(ctx, maxBodyBytes)).toString() : '';
    const trail: Trail = { resourceType, name: '', body: undefined };
    const reply = await auditedManagement(
      services,
      request,
      () => describe(operation, ctx.path, trail),
      async () => act({ ctx, request, params, text, trail }),
    );
    ctx.status = reply.status;
    if (reply.body === undefined) return;
    ctx.set('Content-Type', ctx.get('Accept'));
    ctx.body = jsonText(reply.body);
  };
}

function describe(operation: Management['operation'], path: string, trail: Trail): Management {
  const { resourceType, name, body } = trail;
  return { operation, resourceType, name, path, ...(body === undefined ? {} : { body }) };
}

/** Has the record of a request show its body: as it was sent if it cannot be read. */
export function recordBody({ text, trail }: ManagedRequest): JsonBody | undefined {
  const body = objectIn(text);
  trail.body = body === undefined ? onOneLine(text) || undefined : JSON.stringify(body);
  return body;
}

/** A text on one line, for a record. */
export function onOneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
