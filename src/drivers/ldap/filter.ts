import {
  AndFilter,
  ApproximateFilter,
  EqualityFilter,
  FilterParser,
  NotFilter,
  OrFilter,
  SubstringFilter,
  type Filter,
} from 'ldapts';
import { randomBytes } from 'node:crypto';
import { LatchkeyError } from '../../domain/errors.ts';

const maxCharacters = 4_096;

/**
 * The filter that finds the entry of a login name. The name is put into the parsed filter, as the
 * value of an assertion and nothing else, so that no character of it can be read as part of the
 * filter.
 *
 * @param template a filter of RFC 4515 in which `%s` stands for the name, and `%%` for a percent sign
 * @throws LatchkeyError `DIRECTORY_SETTINGS_INVALID`: not a filter, or the name stands nowhere in it or
 *   elsewhere than in a value
 */
export function filterFor(template: string, login: string): Filter {
  // Drawn anew each time, so that it is found only where `%s` stood.
  const mark = `login${randomBytes(16).toString('hex')}`;
  const whole = template.startsWith('(') ? template : `(${template})`;
  const text = whole.replace(/%[s%]/g, (directive) => (directive === '%%' ? '%' : mark));
  const filter = parse(text);
  const expected = text.split(mark).length - 1;
  if (expected === 0) throw invalid('does not ask for the login name (%s)');
  if (fill(filter, mark, login) !== expected) throw invalid('has the login name (%s) outside of a value');
  return filter;
}

function parse(text: string): Filter {
  if (text.length > maxCharacters) throw invalid('is too long');
  // The library forgives what is missing; a filter that says something else than was meant lets others in.
  if (!isOneGroup(text)) throw invalid('is not a filter of RFC 4515');
  try {
    return FilterParser.parseString(text);
  } catch {
    throw invalid('is not a filter of RFC 4515');
  }
}

/** Whether the parentheses are balanced and the outermost ones hold everything; in values they are escaped (`\\28`). */
function isOneGroup(text: string): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '(') depth += 1;
    if (text[at] === ')') depth -= 1;
    if (depth < 1 && at < text.length - 1) return false;
  }
  return depth === 0;
}

/** Puts the name where the mark is; answers how often. */
function fill(filter: Filter, mark: string, login: string): number {
  let filled = 0;
  const put = (value: string): string => {
    const parts = value.split(mark);
    filled += parts.length - 1;
    return parts.join(login);
  };
  if (filter instanceof AndFilter || filter instanceof OrFilter)
    return filter.filters.reduce((sum, inner) => sum + fill(inner, mark, login), 0);
  if (filter instanceof NotFilter) return fill(filter.filter, mark, login);
  if (filter instanceof EqualityFilter) {
    if (typeof filter.value === 'string') filter.value = put(filter.value);
  } else if (filter instanceof ApproximateFilter) {
    filter.value = put(filter.value);
  } else if (filter instanceof SubstringFilter) {
    filter.initial = put(filter.initial);
    filter.any = filter.any.map(put);
    filter.final = put(filter.final);
  }
  return filled;
}

function invalid(fault: string): LatchkeyError {
  return new LatchkeyError('DIRECTORY_SETTINGS_INVALID', { detail: `The filter of authn-ldap ${fault}` });
}
