import { LatchkeyError } from '../domain/errors.ts';

/** What stopped the service, as its starter sees it. */
export interface StartFailure {
  readonly code: string;
  /** Whether a setting is at fault, and not something that the service met. */
  readonly setting: boolean;
  readonly lines: readonly string[];
}

/** Reads a failure of the service's own; undefined for any other error. */
export function startFailure(error: unknown): StartFailure | undefined {
  if (!(error instanceof LatchkeyError)) return undefined;
  return { code: error.code, setting: error.kind === 'invalid', lines: error.message.split('\n') };
}
