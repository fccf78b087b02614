/** HTML that is made of texts without ever taking one for markup. */
import { htmlEscape } from 'escape-goat';

/** A piece of a page. Only {@link html} makes one. */
export interface Html {
  readonly markup: string;
}

type Part = string | Html | readonly Html[] | undefined;

/**
 * A piece of HTML: what stands in the template is markup, a text put into it is escaped, for
 * elements and for attributes in double quotes alike; pieces are put in as they are, and nothing for undefined.
 */
export function html(template: TemplateStringsArray, ...parts: readonly Part[]): Html {
  let markup = template[0] ?? '';
  for (const [index, part] of parts.entries()) markup += markupOf(part) + (template[index + 1] ?? '');
  return { markup };
}

function markupOf(part: Part): string {
  if (part === undefined) return '';
  if (typeof part === 'string') return htmlEscape(part);
  return 'markup' in part ? part.markup : part.map(({ markup }) => markup).join('');
}
