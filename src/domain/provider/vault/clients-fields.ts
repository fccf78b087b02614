/** The fields of a client, each read and limited. All throw `REGISTRY_FIELD_INVALID`. */
import { fieldInvalid, keptList, requireText } from './fields.ts';

/** As RFC 6749 allows and no encoding of credentials changes (section 2.3.1). */
const clientIdForm = /^[A-Za-z0-9._~-]{1,128}$/;
const secretForm = /^[A-Za-z0-9._~-]{24,256}$/;

export function readClientId(id: string): string {
  if (clientIdForm.test(id)) return id;
  throw fieldInvalid('client_id must be 1 to 128 of A-Z, a-z, 0-9, ".", "_", "~" and "-"');
}

export function readSecret(secret: string): string {
  if (secretForm.test(secret)) return secret;
  throw fieldInvalid('client_secret must be 24 to 256 of A-Z, a-z, 0-9, ".", "_", "~" and "-"');
}

export function readClientType(type: string): 'confidential' | 'public' {
  if (type === 'confidential' || type === 'public') return type;
  throw fieldInvalid('client_type must be confidential or public');
}

export function readAccessTokenFormat(format: string): 'opaque' | 'jwt' {
  if (format === 'opaque' || format === 'jwt') return format;
  throw fieldInvalid('access_token_format must be opaque or jwt');
}

/** A token that never was valid cannot be issued. */
export function readTtl(field: string, seconds: number): number {
  if (seconds >= 1) return seconds;
  throw fieldInvalid(`${field} must be at least one second`);
}

/** @see OpenID Connect RP-Initiated Logout 1.0, section 2: `post_logout_redirect_uri` */
export function readLogoutUris(uris: readonly string[]): readonly string[] {
  const kept = keptList('post_logout_redirect_uris', uris);
  if (kept.every(isAbsolute)) return kept;
  throw fieldInvalid('post_logout_redirect_uris must be absolute URIs without a fragment');
}

/** @see OpenID Connect Back-Channel Logout 1.0, section 2.2: `backchannel_logout_uri` */
export function readLogoutUri(uri: string): string | undefined {
  if (uri === '') return undefined;
  requireText('backchannel_logout_uri', uri);
  if (isAbsolute(uri) && /^https?:\/\//.test(uri)) return uri;
  throw fieldInvalid('backchannel_logout_uri must be an http or https URI without a fragment');
}

function isAbsolute(uri: string): boolean {
  return URL.canParse(uri) && !uri.includes('#') && !/[\s\p{Cc}]/u.test(uri);
}
