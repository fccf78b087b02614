/** Refusals on their way through the library. */
import { errors } from 'oidc-provider';
import { LatchkeyError } from '../../domain/errors.ts';
import { oauthErrorOf } from '../../domain/provider/engine/oauth-error.ts';

/**
 * A refusal in the library's form, which it renders; what is the service's own failure stays as it is,
 * for the library to let the request end and for the engine to throw afterwards.
 */
export function asLibraryError(failure: unknown): unknown {
  if (!(failure instanceof LatchkeyError) || isOwnFailure(failure)) return failure;
  const { error, description, status } = oauthErrorOf(failure);
  const translated = new errors.CustomOIDCProviderError(error, description);
  translated.status = status;
  translated.statusCode = status;
  translated.error_detail = failure.message;
  return translated;
}

/** Whether a failure says nothing of the request: the service could not decide it, or it was one too many. */
export function isOwnFailure(failure: unknown): boolean {
  if (failure instanceof LatchkeyError) {
    return (
      failure.code === 'SIGN_INS_EXCEEDED' ||
      (failure.kind === 'internal' && failure.code !== 'OAUTH_SERVER_ERROR') ||
      failure.kind === 'unavailable'
    );
  }
  return !(failure instanceof errors.OIDCProviderError);
}

/** A failure for the audit: what the library refused, with its true reason. */
export function asAuditedFailure(failure: unknown): unknown {
  if (!(failure instanceof errors.OIDCProviderError)) return failure;
  const reason = failure.error_detail ?? failure.error_description;
  return new LatchkeyError('OAUTH_INVALID_REQUEST', {
    detail: reason === undefined ? failure.error : `${failure.error}: ${reason}`,
    cause: failure,
  });
}
