/** What may be registered as a redirect URI. */

const maxLength = 2_048;
const loopback = new Set(['localhost', '127.0.0.1', '[::1]']);
/** What browsers run or open by themselves instead of handing it to an app. */
const unsafeSchemes = new Set([
  'javascript:',
  'data:',
  'vbscript:',
  'file:',
  'blob:',
  'about:',
  'ws:',
  'wss:',
  'ftp:',
]);

/**
 * Why a text cannot be a redirect URI: it must be an https URL, an http URL of this machine, or a link that
 * opens an app (`com.example.app:/back`), without a fragment (RFC 6749 section 3.1.2).
 * @returns undefined where it can
 * @see Akamai: `redirectURIs` of an OpenID Connect client
 */
export function redirectUriFault(text: string): string | undefined {
  if (text.length > maxLength) return `must have at most ${String(maxLength)} characters`;
  if (/[^\x21-\x7e]/.test(text) || /[*\\]/.test(text) || !URL.canParse(text))
    return 'must be an absolute URI';
  const { protocol, hostname, username, password } = new URL(text);
  if (text.includes('#')) return 'must not have a fragment';
  if (username !== '' || password !== '') return 'must not have a user or password';
  if (protocol === 'https:') return undefined;
  if (protocol === 'http:') return loopback.has(hostname) ? undefined : 'may use http only to localhost';
  return unsafeSchemes.has(protocol) ? 'has a scheme that opens no app' : undefined;
}
