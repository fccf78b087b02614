/** Somebody at a browser without scripts, by HTTP: goes where he is sent, and fills in the service's own forms. */
import assert from 'node:assert/strict';
import { CookieBrowser } from './cookie-browser.ts';

export interface Form {
  readonly action: string;
  readonly hidden: Readonly<Record<string, string>>;
}

/** A page of the service, where the browser stays. */
export interface Page {
  readonly kind: 'page';
  readonly path: string;
  readonly status: number;
  readonly headers: Headers;
  readonly html: string;
  readonly title: string;
  readonly forms: readonly Form[];
}

/** Where the browser was sent that is not of the service; it is not followed. */
export interface Away {
  readonly kind: 'away';
  readonly url: URL;
}

export type Stop = Page | Away;

const maxRedirects = 8;

export class Visitor {
  readonly browser: CookieBrowser;
  readonly #origin: string;

  /** @param browser with cookies of before; by default a new one */
  constructor(origin: string, browser = new CookieBrowser(origin)) {
    this.#origin = origin;
    this.browser = browser;
  }

  /** Opens an address, and goes wherever it is sent as long as that is of the service. */
  async open(address: string | URL, init: RequestInit = {}): Promise<Stop> {
    let url = new URL(address, this.#origin);
    let response = await this.browser.request(url.href, init);
    for (let step = 0; step < maxRedirects; step += 1) {
      const location = response.headers.get('location');
      if (response.status < 300 || response.status > 399 || location === null) return pageOf(url, response);
      await response.arrayBuffer();
      url = new URL(location, url);
      if (url.origin !== this.#origin) return { kind: 'away', url };
      response = await this.browser.request(url.href);
    }
    return assert.fail('the redirects have no end');
  }

  /** Sends a form of a page as a browser does. @param which the form by its place, the first by default */
  async submit(page: Page, fields: Readonly<Record<string, string>>, which = 0): Promise<Stop> {
    const form = page.forms[which] ?? assert.fail(`there is no form: ${page.html}`);
    return this.open(new URL(form.action, new URL(page.path, this.#origin)), {
      method: 'POST',
      headers: { origin: this.#origin },
      body: new URLSearchParams({ ...form.hidden, ...fields }),
    });
  }

  /** Signs in, and agrees, where that is asked for; then wherever that leads. */
  async passThrough(first: Stop, login: string, secret: string): Promise<Stop> {
    let at = first;
    if (at.kind === 'page' && at.title === 'Sign in') at = await this.submit(at, { login, secret });
    if (at.kind === 'page' && at.title === 'Allow access?') at = await this.submit(at, { decision: 'allow' });
    return at;
  }
}

/** The stop as a page with this title. */
export function assertPage(stop: Stop, title: string, status = 200): Page {
  if (stop.kind === 'away') assert.fail(`went away to ${stop.url.href}`);
  assert.deepEqual([stop.title, stop.status], [title, status], stop.html);
  return stop;
}

/** The stop as an address that is not of the service. */
export function assertAway(stop: Stop): URL {
  if (stop.kind === 'page') assert.fail(`${String(stop.status)} ${stop.title}: ${stop.html}`);
  return stop.url;
}

async function pageOf(url: URL, response: Response): Promise<Page> {
  const html = await response.text();
  const [, name = ''] = /<title>([^<]*)<\/title>/.exec(html) ?? [];
  return {
    kind: 'page',
    path: url.pathname + url.search,
    status: response.status,
    headers: response.headers,
    html,
    title: unescaped(name).replace(' – Latchkey', ''),
    forms: [...html.matchAll(/<form[^>]*action="([^"]*)"[^>]*>(.*?)<\/form>/gs)].map(
      ([, action = '', content = '']) => ({
        action: unescaped(action),
        hidden: Object.fromEntries(
          [...content.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)].map(
            ([, key = '', value = '']) => [unescaped(key), unescaped(value)],
          ),
        ),
      }),
    ),
  };
}

const entities: Readonly<Record<string, string>> = { amp: '&', quot: '"', '#39': "'", lt: '<', gt: '>' };

function unescaped(text: string): string {
  return text.replace(/&(amp|quot|#39|lt|gt);/g, (_, name: string) => entities[name] ?? '');
}
