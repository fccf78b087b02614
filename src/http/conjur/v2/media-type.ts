/** The version of the API that a request asks for. */
import { LatchkeyError } from '../../../domain/errors.ts';
import type { RequestContextOf } from '../../context.ts';

/** What `Accept` must contain. */
export const v2MediaType = 'application/x.secretsmgr.v2beta+json';

/**
 * @throws LatchkeyError `API_VERSION_MISSING`: not this version, or none
 */
export function requireVersion(ctx: RequestContextOf): void {
  const [, version] = /application\/x\.secretsmgr\.v(\d+)beta\+json/.exec(ctx.get('Accept')) ?? [];
  if (version !== '2') throw new LatchkeyError('API_VERSION_MISSING');
}

/** Whether the request asks for this version and nothing else: then its errors have their own shape. */
export function speaksV2(ctx: RequestContextOf): boolean {
  return ctx.get('Accept') === v2MediaType;
}
