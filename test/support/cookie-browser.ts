/** A browser of sorts: it keeps cookies by their paths, and does not follow redirects by itself. */
import { observedFetch } from './planted/planted.ts';

interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly path: string;
  /** All that stood behind the value, in lower case. */
  readonly attributes: string;
}

export class CookieBrowser {
  readonly #origin: string;
  #cookies: readonly Cookie[] = [];

  constructor(origin: string) {
    this.#origin = origin;
  }

  get cookies(): readonly Cookie[] {
    return this.#cookies;
  }

  /** Another browser with the same cookies. */
  copy(): CookieBrowser {
    const copy = new CookieBrowser(this.#origin);
    copy.#cookies = this.#cookies;
    return copy;
  }

  async request(url: string, init: RequestInit = {}): Promise<Response> {
    const target = new URL(url, this.#origin);
    const sent = this.#cookies.filter(({ path }) => isUnder(target.pathname, path));
    const headers = new Headers(init.headers);
    if (sent.length > 0) headers.set('cookie', sent.map(({ name, value }) => `${name}=${value}`).join('; '));
    const server = new URL(target.pathname + target.search, this.#origin);
    const response = await observedFetch(server, { ...init, headers, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) this.#keep(line);
    return response;
  }

  #keep(line: string): void {
    const [pair = '', ...attributes] = line.split('; ');
    const equals = pair.indexOf('=');
    const name = pair.slice(0, equals);
    const value = pair.slice(equals + 1);
    const path = attributes.find((attribute) => attribute.startsWith('path='))?.slice('path='.length) ?? '/';
    const others = this.#cookies.filter((cookie) => cookie.name !== name || cookie.path !== path);
    const cookie = { name, value, path, attributes: attributes.join('; ').toLowerCase() };
    this.#cookies = value === '' ? others : [...others, cookie];
  }
}

/** @see RFC 6265 section 5.1.4 */
function isUnder(path: string, cookiePath: string): boolean {
  return path === cookiePath || path.startsWith(cookiePath.endsWith('/') ? cookiePath : `${cookiePath}/`);
}
