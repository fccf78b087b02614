import { EVENT_ID, SCALAR_STYLE, type ScalarEvent } from 'js-yaml';
import { canonicalCidr } from '../cidr.ts';
import { LatchkeyError } from '../errors.ts';
import { hasControlCharacter } from '../ids.ts';
import { adviseText } from './advice.ts';
import { positionOf, scalarOf, type NodeIndex, type Tree } from './events.ts';
import { excerpt, invalid } from './invalid.ts';
import {
  classOf,
  contentOf,
  itemsOf,
  resolveAlias,
  storedText,
  tagOf,
  typeOfScalar,
  unexpectedType,
  type Reading,
} from './nodes.ts';
import { publicKeyOf } from './public-keys.ts';
import { statementTags } from './tags.ts';

/** An untagged scalar, or undefined for any other node. */
export function plainScalarAt(tree: Tree, node: NodeIndex): ScalarEvent | undefined {
  const event = contentOf(tree, node);
  if (event.type !== EVENT_ID.SCALAR) return undefined;
  return event.tagStart === -1 || tagOf(tree, node) === undefined ? event : undefined;
}

/** A text value; undefined when it was left empty. */
export function readString(reading: Reading, value: NodeIndex, field: string): string | undefined {
  const node = resolveAlias(reading, value);
  const event = plainScalarAt(reading.tree, node);
  if (event === undefined) {
    throw unexpectedType(
      reading,
      node,
      'a string',
      field,
      adviseText(field, classOf(reading.tree, node), ''),
    );
  }
  const type = typeOfScalar(reading.tree, event);
  if (type === 'NilClass') return undefined;
  const text = scalarOf(reading.tree, event);
  if (type === 'String') return text;
  throw unexpectedType(reading, node, 'a string', field, adviseText(field, type, text));
}

/** The id attribute. */
export function readId(reading: Reading, value: NodeIndex): string | undefined {
  const text = readString(reading, value, 'id');
  const node = resolveAlias(reading, value);
  const event = plainScalarAt(reading.tree, node);
  if (text !== undefined && event !== undefined) checkFolded(reading.tree, node, event, text);
  return text;
}

const foldedStatement = new RegExp(`\\s(?:-\\s+)?!(?:${statementTags.join('|')})(?:\\s|$)`);

/**
 * An unquoted id that runs on into what looks like further list items is a list that was
 * indented too deep or written on one line.
 */
export function checkFolded(tree: Tree, node: NodeIndex, event: ScalarEvent, id: string): void {
  if (event.style !== SCALAR_STYLE.PLAIN || !id.includes(' ')) return;
  if (!foldedStatement.test(id) && (event.fast || !id.includes(' - '))) return;
  throw invalid(
    positionOf(tree, node),
    `The id '${excerpt(id)}' runs on into the text behind it`,
    event.fast
      ? "Write a list of several in brackets, as in [ !group x, !user y ], or as one '- ' line for each"
      : "Begin each list item on a line of its own with '- ', all at one column; the body of a policy stands below " +
          "'body:'. Quote an id that really reads like that",
  );
}

/** An integer, as text; undefined when it was left empty. */
export function readInteger(reading: Reading, value: NodeIndex, field: string): string | undefined {
  const node = resolveAlias(reading, value);
  const event = plainScalarAt(reading.tree, node);
  const type = event === undefined ? undefined : typeOfScalar(reading.tree, event);
  if (type === 'NilClass') return undefined;
  if (event === undefined || type !== 'Integer') {
    throw unexpectedType(reading, node, 'an integer', field, `Write it without quotes, as in ${field}: 1000`);
  }
  return storedText(reading.tree, event);
}

/** A boolean, quoted or not; undefined when it was left empty. */
export function readBoolean(reading: Reading, value: NodeIndex, field: string): boolean | undefined {
  const node = resolveAlias(reading, value);
  const event = plainScalarAt(reading.tree, node);
  const type = event === undefined ? undefined : typeOfScalar(reading.tree, event);
  if (type === 'NilClass') return undefined;
  const text = event === undefined ? '' : storedText(reading.tree, event);
  if (text === 'true' || text === 'false') return text === 'true';
  throw unexpectedType(reading, node, 'a boolean', field, 'Write true or false');
}

/** One text or a list of texts. */
function readStrings(
  reading: Reading,
  value: NodeIndex,
  field: string,
  advice: string,
): readonly [NodeIndex, string][] {
  return itemsOf(reading, value).map((node) => {
    const event = plainScalarAt(reading.tree, node);
    const type = event === undefined ? undefined : typeOfScalar(reading.tree, event);
    if (event === undefined || type !== 'String') {
      const text = event === undefined || type === 'NilClass' ? '' : scalarOf(reading.tree, event);
      throw unexpectedType(
        reading,
        node,
        'a string',
        field,
        text === '' ? advice : adviseText(field, type ?? '', text),
      );
    }
    return [node, scalarOf(reading.tree, event)];
  });
}

export function readPrivileges(reading: Reading, value: NodeIndex): readonly string[] {
  return readStrings(reading, value, 'privilege', 'Write a name, or a list such as [ read, execute ]').map(
    ([node, text]) => {
      checkLength(reading, node, text, reading.limits.maxPrivilegeBytes, 'A privilege');
      if (hasControlCharacter(text)) {
        throw invalid(
          positionOf(reading.tree, node),
          'A privilege may not contain control characters or line breaks',
        );
      }
      return internName(reading, text);
    },
  );
}

export function readPublicKeys(reading: Reading, value: NodeIndex): readonly string[] {
  const advice = "Write 'algorithm key name', as in a file of ssh-keygen";
  return readStrings(reading, value, 'public_key', advice).map(([node, text]) => {
    checkLength(reading, node, text, reading.limits.maxAnnotationValueBytes, 'A public key');
    if (publicKeyOf(text) === undefined) {
      throw invalid(positionOf(reading.tree, node), 'Invalid public key format', advice);
    }
    return detached(text);
  });
}

export function readRestrictedTo(reading: Reading, value: NodeIndex): readonly string[] {
  const advice = 'Write an address or a range, or [] for no restriction';
  return readStrings(reading, value, 'restricted_to', advice).map(([node, text]) => {
    try {
      return canonicalCidr(text);
    } catch (error) {
      if (!(error instanceof LatchkeyError)) throw error;
      const meant = error.message.includes('Did you mean');
      const form = meant ? '' : 'Write an IP address or a CIDR range, such as 192.168.1.0 or 192.168.0.0/16';
      throw invalid(positionOf(reading.tree, node), error.message, form);
    }
  });
}

/** One string for each name that recurs, apart from the policy text, which a slice would keep in memory. */
export function internName(reading: Reading, name: string): string {
  const known = reading.names.get(name);
  if (known !== undefined) return known;
  const copy = detached(name);
  reading.names.set(copy, copy);
  return copy;
}

/** The same text, no longer a slice of the policy text. */
export function detached(text: string): string {
  return Buffer.from(text).toString();
}

/** Refuses a text of more than so many UTF-8 bytes. */
export function checkLength(
  reading: Reading,
  node: NodeIndex,
  text: string,
  maxBytes: number,
  what: string,
): void {
  if (text.length * 3 <= maxBytes || Buffer.byteLength(text) <= maxBytes) return;
  throw invalid(positionOf(reading.tree, node), `${what} may have ${maxBytes} bytes`);
}
