/**
 * Names for signed access tokens at the library's introspection and revocation endpoints, which
 * refuse whatever looks like a JWT. A name begins with a text that only this process knows, so that
 * nobody can present one.
 */
import { randomBytes } from 'node:crypto';

const prefix = `${randomBytes(24).toString('base64url')}~`;

/** The name under which the library may look for a token. */
export function aliasOf(token: string): string {
  return token.includes('.') ? prefix + token.replaceAll('.', '~') : token;
}

/** The id that a name stands for; any other text stands for itself. */
export function aliasedId(id: string): string {
  return id.startsWith(prefix) ? id.slice(prefix.length).replaceAll('~', '.') : id;
}
