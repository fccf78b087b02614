import { isUtf8 } from 'node:buffer';
import type { Presented } from '../../domain/authn/login.ts';

/**
 * The credentials of `Authorization: Basic` (RFC 7617); undefined where there are none. The
 * name, which may be empty, ends at the first colon. Clients that do not encode text as UTF-8
 * encode it as ISO 8859-1, so what is not the one is read as the other.
 */
export function basicCredentials(authorization: string | undefined): Presented | undefined {
  const encoded = /^Basic +(\S+)$/i.exec(authorization ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const bytes = Buffer.from(encoded, 'base64');
  const text = bytes.toString(isUtf8(bytes) ? 'utf8' : 'latin1');
  const colon = text.indexOf(':');
  if (colon === -1) return undefined;
  return { login: text.slice(0, colon), secret: Buffer.from(text.slice(colon + 1)) };
}
