/** Whether a redirect URI is one that a client registered. */

/** Hosts of RFC 8252 section 7.3: an application listens there on whatever port is free. */
const loopback = /^(https?:\/\/(?:localhost|127\.0\.0\.1|\[::1\]))(?::\d{0,5})?((?:[/?#].*)?)$/su;

/**
 * Exact comparison (OpenID Connect Core section 3.1.2.1), but that the port is left out of account
 * where the request's URI is of a loopback host, as Vault's successor and RFC 8252 section 7.3 have
 * it. Nothing is normalised: `LOCALHOST`, other addresses of 127/8, user information and what a
 * lenient reader would take for a loopback host get no such freedom.
 */
export function redirectUriRegistered(uri: string, registered: readonly string[]): boolean {
  if (registered.includes(uri)) return true;
  const wanted = withoutLoopbackPort(uri);
  return wanted !== undefined && registered.some((candidate) => withoutLoopbackPort(candidate) === wanted);
}

/** A loopback URI without its port; undefined for every other. */
function withoutLoopbackPort(uri: string): string | undefined {
  const [, origin, rest] = loopback.exec(uri) ?? [];
  return origin === undefined ? undefined : `${origin}${rest ?? ''}`;
}
