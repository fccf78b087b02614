/** From a method, and what the query says of it, to the operation. */
import { LatchkeyError } from '../../domain/errors.ts';
import type { RequestContextOf } from '../context.ts';
import { goBoolean } from './fields.ts';
import type { Operation } from './routing.ts';

const operationOfMethod: Readonly<Record<string, Operation>> = {
  GET: 'read',
  LIST: 'list',
  // RFC 9110, section 9.3.2; probes ask so for the health.
  HEAD: 'read',
  POST: 'write',
  PUT: 'write',
  DELETE: 'delete',
};

/**
 * What a request asks for: GET to read, or with a true `list` to list, as LIST does; POST or PUT to write;
 * DELETE to delete.
 * @throws LatchkeyError `VAULT_METHOD_UNSUPPORTED`: another method
 * @throws LatchkeyError `VAULT_MEDIA_TYPE_UNSUPPORTED`, `VAULT_OPERATION_UNSUPPORTED`: PATCH, which nothing serves
 * @throws LatchkeyError `VAULT_REQUEST_UNREADABLE`: `list` is no boolean as Go spells them; a write to a
 *   path that ends in a slash; OPTIONS
 * @throws LatchkeyError `PARAMETER_INVALID`: a help text is asked for
 */
export function operationOf(ctx: RequestContextOf, segments: readonly string[]): Operation {
  const { method } = ctx;
  if (method === 'OPTIONS') throw new LatchkeyError('VAULT_REQUEST_UNREADABLE');
  if (method === 'PATCH') throw refusedPatch(ctx);
  const operation = operationOfMethod[method];
  if (operation === undefined) throw new LatchkeyError('VAULT_METHOD_UNSUPPORTED');
  const query = new URLSearchParams(ctx.querystring);
  // Who asks what a path does must not have it done.
  if ((query.get('help') ?? '') !== '') {
    throw new LatchkeyError('PARAMETER_INVALID', { detail: 'help texts are not served' });
  }
  if (operation === 'write' && segments.at(-1) === '') throw new LatchkeyError('VAULT_REQUEST_UNREADABLE');
  if (operation !== 'read') return operation;
  return isTrue(query.get('list')) ? 'list' : 'read';
}

function isTrue(list: string | null): boolean {
  if (list === null || list === '') return false;
  const value = goBoolean(list);
  if (value === undefined) throw new LatchkeyError('VAULT_REQUEST_UNREADABLE');
  return value;
}

function refusedPatch(ctx: RequestContextOf): LatchkeyError {
  const type = ctx.get('Content-Type').split(';', 1)[0]?.trim().toLowerCase();
  const merges = type === 'application/merge-patch+json';
  return new LatchkeyError(merges ? 'VAULT_OPERATION_UNSUPPORTED' : 'VAULT_MEDIA_TYPE_UNSUPPORTED');
}
