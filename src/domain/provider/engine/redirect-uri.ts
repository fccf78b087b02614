/** Where a client may have browsers sent. */

const loopbackHosts: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Whether a redirect URI is one of those that are registered: the same text or, on a loopback host,
 * the same but for the port, which a native application learns only when it listens.
 * @see OpenID Connect Core section 3.1.2.1, RFC 8252 section 7.3
 */
export function redirectUriRegistered(registered: readonly string[], uri: string): boolean {
  if (registered.includes(uri)) return true;
  const portless = withoutLoopbackPort(uri);
  return portless !== undefined && registered.some((known) => withoutLoopbackPort(known) === portless);
}

/** Undefined where the host is not a loopback, or it is no URL at all. */
function withoutLoopbackPort(uri: string): string | undefined {
  if (!URL.canParse(uri)) return undefined;
  const url = new URL(uri);
  const web = url.protocol === 'http:' || url.protocol === 'https:';
  if (!web || !loopbackHosts.includes(url.hostname) || !uri.includes(`//${url.hostname}`)) return undefined;
  url.port = '';
  return url.href;
}
