/** Which client may ask about, or revoke, which token (RFC 7662, RFC 7009). */
import { credentialStands } from '../../domain/provider/identity/credential-revision.ts';
import { authorizationOf } from './authorization.ts';
import { clientIn, type Exchange, type Issuer } from './exchange.ts';
import { aliasedId } from './token-alias.ts';

/** A token in the library's hands. */
interface LibraryToken {
  readonly clientId?: string | undefined;
  readonly aud?: string | string[] | undefined;
  readonly kind?: string;
  readonly jti?: string;
}

/**
 * A confidential client may ask about tokens that were issued to it, or for it as their audience. A token is
 * active only as long as its role may use its client.
 */
export async function mayIntrospect(
  issuer: Issuer,
  exchange: Exchange | undefined,
  clientId: string,
  token: object,
): Promise<boolean> {
  const { clientId: owner, aud, kind = '', jti = '' } = token as LibraryToken;
  if (exchange === undefined || owner === undefined) return false;
  const asking = clientIn(issuer, exchange.view, clientId);
  if (asking === undefined || asking.type === 'public') return false;
  const audiences = typeof aud === 'string' ? [aud] : (aud ?? []);
  if (owner !== clientId && !audiences.includes(clientId)) return false;
  // The library leaves out what it has no name for, the attributes of the authorization among it.
  const [kept] = await issuer.artifacts.find([kind, aliasedId(jti)]);
  const authorization = kept && authorizationOf(issuer, exchange.view, kept);
  if (kept === undefined || authorization === undefined) return false;
  if (kind === 'RefreshToken' && !(await credentialStands(issuer.services, exchange.view, kept)))
    return false;
  if (authorization.role !== undefined) {
    exchange.role = authorization.role;
    if (!issuer.spec.mayUse(exchange.view, authorization).allowed) return false;
  }
  exchange.introspected = authorization;
  return true;
}

/** A client revokes what was issued to it. */
export function mayRevoke(clientId: string, token: object): boolean {
  return (token as LibraryToken).clientId === clientId;
}
