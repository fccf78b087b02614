/**
 * Full-text search as PostgreSQL's English configuration does it: words are reduced to their stems,
 * words that say nothing (stop words) do not count, and every word that is asked for must be there.
 *
 * There is no index to keep up to date: a search looks through what the caller may see, and only a
 * text that has the beginning of each stem in it is taken apart.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import stem from 'wink-porter2-stemmer';
import { LatchkeyError } from '../errors.ts';
import { partsOf, type ResourceId } from '../ids.ts';
import type { AccessGraph } from '../rbac/graph.ts';

/** Longer texts to search for are refused. */
const maxSearchCharacters = 1_000;
/** So many characters are looked at in one turn of the event loop, once for each term: some milliseconds. */
const workPerTurn = 16 * 1_024 * 1_024;
/** To look at a resource at all costs as much as so many characters. */
const resourceWork = 4 * 1_024;
/** What is longer is no word of a language, and compared as it is. */
const maxStemmedCharacters = 64;

/** What words are made of; everything else, `_` included, separates them. */
const letter = '[\\p{L}\\p{M}\\p{N}]';
const wordForm = new RegExp(`${letter}+`, 'gu');
const digitForm = /\p{N}/u;

// prettier-ignore
/** PostgreSQL's stop words for English: those of the Snowball project. */
const stopWords = new Set(
  ('i me my myself we our ours ourselves you your yours yourself yourselves he him his himself she her hers ' +
    'herself it its itself they them their theirs themselves what which who whom this that these those am is are ' +
    'was were be been being have has had having do does did doing a an the and but if or because as until while ' +
    'of at by for with about against between into through during before after above below to from up down in out ' +
    'on off over under again further then once here there when where why how all any both each few more most ' +
    'other some such no nor not only own same so than too very s t can will just don should now').split(' '),
);

/** A word that must be there, in whatever form. */
interface SearchTerm {
  readonly stem: string;
  /** What every text in lower case that has the word contains. */
  readonly beginning: string;
  /** Words that begin so. */
  readonly candidates: RegExp;
  /** Whether candidates that were met already are the word: stemming costs more than looking that up. */
  readonly known: Map<string, boolean>;
}

export type SearchTerms = readonly SearchTerm[];

/**
 * The terms of a search.
 * @throws LatchkeyError `SEARCH_TOO_LONG`: more than {@link maxSearchCharacters}
 */
export function searchTerms(text: string): SearchTerms {
  if (text.length > maxSearchCharacters) throw new LatchkeyError('SEARCH_TOO_LONG');
  const words = (text.toLowerCase().match(wordForm) ?? []).filter((word) => !stopWords.has(word));
  return [...new Set(words.map(stemOf))].map((wanted) => {
    const beginning = beginningOf(wanted);
    const candidates = new RegExp(`(?<!${letter})${beginning}${letter}*`, 'gu');
    return { stem: wanted, beginning, candidates, known: new Map<string, boolean>() };
  });
}

function stemOf(word: string): string {
  return digitForm.test(word) || word.length > maxStemmedCharacters ? word : stem(word);
}

/**
 * Stemming leaves all but the end of a word as it was, and replaces at most the last two letters of
 * the stem; of stems of three letters (`dying`, `die`) all but the first one.
 */
function beginningOf(wanted: string): string {
  return wanted.length <= 3 ? wanted.slice(0, 1) : wanted.slice(0, -2);
}

/**
 * Whether a resource has every term in its identifier, its kind or a value of its annotations. Looks at text
 * by text, and tells before each what that may cost: whoever writes annotations decides.
 */
function* lookAt(graph: AccessGraph, resource: ResourceId, terms: SearchTerms): Generator<number, boolean> {
  const { kind, identifier } = partsOf(resource);
  yield resourceWork + identifier.length * terms.length;
  const name = identifier.toLowerCase();
  let missing = terms.filter((term) => !isIn(name, term) && !isIn(kind, term));
  // As with PostgreSQL, nothing but stop words finds nothing.
  if (missing.length === 0) return terms.length > 0;
  for (const { value } of graph.annotationsOf(resource)) {
    yield value.length * missing.length;
    const text = value.toLowerCase();
    missing = missing.filter((term) => !isIn(text, term));
    if (missing.length === 0) return true;
  }
  return false;
}

function isIn(text: string, term: SearchTerm): boolean {
  if (!text.includes(term.beginning)) return false;
  for (const [word] of text.matchAll(term.candidates)) if (isWord(word, term)) return true;
  return false;
}

function isWord(word: string, { stem: wanted, known }: SearchTerm): boolean {
  let same = known.get(word);
  if (same === undefined) {
    same = !stopWords.has(word) && stemOf(word) === wanted;
    // Words with digits are as many as there are numbers.
    if (!digitForm.test(word)) known.set(word, same);
  }
  return same;
}

/** Those of the resources that have every term, in their order. Other requests get their turns in between. */
export async function findAmong(
  graph: AccessGraph,
  resources: readonly ResourceId[],
  terms: SearchTerms,
): Promise<ResourceId[]> {
  const found: ResourceId[] = [];
  let work = 0;
  for (const resource of resources) {
    const look = lookAt(graph, resource, terms);
    let step = look.next();
    while (step.done !== true) {
      work += step.value;
      if (work > workPerTurn) {
        await nextTurn();
        work = 0;
      }
      step = look.next();
    }
    if (step.value) found.push(resource);
  }
  return found;
}
