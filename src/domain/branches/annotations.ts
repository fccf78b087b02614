/** The annotations that a request gives a branch. */
import { hasControlCharacter } from '../ids.ts';
import { requireNoFaults } from './names.ts';

const maxCharacters = 120;
const form = /^[^<>']+$/;
const surrogate = /\p{Cs}/u;

/**
 * Checks annotations and returns them as texts.
 * @throws LatchkeyError `FIELD_INVALID`: every fault, in Conjur's words
 */
export function readBranchAnnotations(given: ReadonlyMap<string, unknown>): ReadonlyMap<string, string> {
  const faults: string[] = [];
  const annotations = new Map<string, string>();
  for (const [name, value] of given) {
    const label = labelOf(name);
    // INVARIANT: no name of an annotation has a control character, as keys of records are made of them.
    if (!form.test(name) || hasControlCharacter(name))
      faults.push(`${label} annotation key format error '${name}'`);
    if (name.length < 1) faults.push(`${label} annotation key length cannot exceeded 1`);
    if (name.length > maxCharacters)
      faults.push(`${label} annotation key length cannot exceeded ${maxCharacters}`);
    if (typeof value === 'string') {
      annotations.set(name, value);
      faults.push(...valueFaults(value).map((fault) => `${label} ${fault}`));
    } else {
      faults.push(`${label} should have string value but got ${shownValue(value)}`);
    }
  }
  requireNoFaults(faults);
  return annotations;
}

function valueFaults(value: string): readonly string[] {
  const faults: string[] = [];
  // Half a surrogate pair has no UTF-8 form.
  if (!form.test(value) || surrogate.test(value)) faults.push('annotation value format error');
  if (value.length < 1) faults.push('annotation value length cannot exceeded 1');
  if (value.length > maxCharacters) faults.push(`annotation value length cannot exceeded ${maxCharacters}`);
  return faults;
}

function shownValue(value: unknown): string {
  return value === null ? '' : JSON.stringify(value);
}

/** The name as Conjur's messages begin with it: `my_Key` is `My key`. */
function labelOf(name: string): string {
  const words = name
    .slice(name.lastIndexOf('.') + 1)
    .replace(/^_+/, '')
    .replace(/_id$/, '')
    .replaceAll('_', ' ')
    .replace(/[a-z\d]+/gi, (word) => word.toLowerCase());
  return words.charAt(0).toUpperCase() + words.slice(1);
}
