/** What every page shown to a person has in common: its frame, and what its browser may do with it. */
import type { RequestContextOf } from '../context.ts';
import { html, type Html } from './html.ts';

export interface Page {
  readonly title: string;
  /** What stands below the heading. */
  readonly content: Html;
  /** Where forms of the page may lead beside the service itself, redirects included: origins, or schemes with a colon. */
  readonly formTargets?: readonly string[];
  readonly status?: number;
  /** Where the browser goes by itself, at once. */
  readonly next?: string;
  /** Whether what was tried just now failed: the page's name says so first, as screen readers do not all read alerts of a new page. */
  readonly failed?: boolean;
}

export const stylesheetPath = '/sign-in/style.css';

/**
 * Answers a page. It has no script and loads nothing but its stylesheet; it cannot be framed; it is
 * stored nowhere. Its address, which may name a sign-in, is told to nobody. Whichever window opened it stays
 * its opener (no Cross-Origin-Opener-Policy), for applications that sign people in in a pop-up wait there.
 */
export function answerPage(
  ctx: RequestContextOf,
  { title, content, formTargets = [], status = 200, failed = false, next }: Page,
): void {
  const name = failed ? `Error: ${title}` : title;
  const formAction = ["'self'", ...formTargets].join(' ');
  ctx.status = status;
  ctx.set('Cache-Control', 'no-store');
  ctx.set(
    'Content-Security-Policy',
    `default-src 'none'; style-src 'self'; img-src 'self'; form-action ${formAction}; base-uri 'none'; frame-ancestors 'none'`,
  );
  ctx.type = 'text/html; charset=utf-8';
  ctx.body = ctx.method === 'HEAD' ? '' : `<!doctype html>\n${frame(name, title, content, next).markup}`;
}

function frame(name: string, title: string, content: Html, next: string | undefined): Html {
  return html`
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="robots" content="noindex" />
        ${next === undefined ? undefined : html`<meta http-equiv="refresh" content="0; url=${next}" />`}
        <title>${name} – Latchkey</title>
        <link rel="stylesheet" href="${stylesheetPath}" />
      </head>
      <body>
        <main>
          <p class="brand">Latchkey</p>
          <h1>${title}</h1>
          ${content}
        </main>
      </body>
    </html>
  `;
}

/**
 * Where a form may lead that ends in a redirect to this address: browsers hold a policy's
 * `form-action` against redirects, too. Empty for an address that a policy cannot name.
 */
export function formTargetOf(redirectUri: string | undefined): readonly string[] {
  if (redirectUri === undefined || !URL.canParse(redirectUri)) return [];
  const { protocol, origin } = new URL(redirectUri);
  const source = protocol === 'http:' || protocol === 'https:' ? origin : protocol;
  return /^[\w.:/[\]+-]+$/.test(source) ? [source] : [];
}
