/** Where a browser goes once it has sent a form. */
import type { RequestContextOf } from '../context.ts';
import { wayOn } from '../pages/forms.ts';
import { answerPage } from '../pages/page.ts';

/**
 * Makes a redirect that answers a form a page that leads on by itself. A browser holds the page's `form-action` against
 * all redirects that follow, those of the application as well, which may well be to other hosts than its redirect
 * URI names; after a page, nothing of that holds any more. Whoever does not navigate keeps the redirect.
 * @see Fetch Metadata Request Headers, section 2.2 (Sec-Fetch-Mode); Content Security Policy Level 3, section 6.4.1
 */
export function goOn(ctx: RequestContextOf): void {
  const location = ctx.response.get('Location');
  if (ctx.status !== 303 || location === '' || ctx.get('Sec-Fetch-Mode') !== 'navigate') return;
  ctx.remove('Location');
  answerPage(ctx, { title: 'One moment', content: wayOn(location), next: location });
}
