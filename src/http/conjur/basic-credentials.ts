import type { Presented } from '../../domain/authn/login.ts';

/** The credentials of `Authorization: Basic` (RFC 7617); undefined where there are none. */
export function basicCredentials(authorization: string | undefined): Presented | undefined {
  const encoded = /^Basic +(\S+)$/i.exec(authorization ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const decoded = Buffer.from(encoded, 'base64');
  const colon = decoded.indexOf(':');
  if (colon < 1) return undefined;
  return { login: decoded.toString('utf8', 0, colon), secret: decoded.subarray(colon + 1) };
}
