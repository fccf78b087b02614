import type { ErrorKind } from '../domain/errors/entry.ts';

/** The HTTP status of a failure of each kind, where a face has no other for it. */
export const statusOfKind: Readonly<Record<ErrorKind, number>> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  too_large: 413,
  unavailable: 503,
  internal: 500,
};
