import { EVENT_ID } from 'js-yaml';
import { positionOf, scalarOf, type NodeIndex, type Tree } from './events.ts';
import { excerpt, invalid } from './invalid.ts';
import {
  childrenOf,
  classOf,
  contentOf,
  countStatement,
  isEmpty,
  refuseKeyBehindItem,
  resolveAlias,
  storedText,
  typeOfScalar,
  type Reading,
} from './nodes.ts';
import type { AnnotationNode } from './statements.ts';
import { checkLength, detached, internName, plainScalarAt } from './values.ts';

const advice = "Write one 'name: value' line for each below 'annotations:', indented deeper";

/** The annotations of a record: a flat map, its values stored as text. */
export function readAnnotations(reading: Reading, value: NodeIndex): readonly AnnotationNode[] {
  const { tree } = reading;
  const map = resolveAlias(reading, value);
  const event = contentOf(tree, map);
  if (event.type !== EVENT_ID.MAPPING || event.tagStart !== -1) {
    throw invalid(
      positionOf(tree, map),
      `Expected a mapping for field 'annotations', got ${classOf(tree, map)}`,
      advice,
    );
  }
  const annotations: AnnotationNode[] = [];
  const names = new Set<string>();
  const end = (tree.ends[map] ?? 0) - 1;
  let node: NodeIndex;
  for (let child = map + 1; child < end; child = tree.ends[node] ?? end) {
    refuseKeyBehindItem(tree, map, child);
    const key = resolveAlias(reading, child);
    node = tree.ends[child] ?? end;
    const name = readName(reading, key);
    if (names.has(name)) {
      throw invalid(
        positionOf(tree, key),
        `Duplicate attribute: ${excerpt(name)}`,
        'Name each annotation once',
      );
    }
    names.add(name);
    countStatement(reading);
    const text = readValue(reading, resolveAlias(reading, node), name);
    annotations.push({ name: internName(reading, name), value: detached(text), at: positionOf(tree, key) });
  }
  return annotations;
}

function readName(reading: Reading, key: NodeIndex): string {
  const event = plainScalarAt(reading.tree, key);
  if (event === undefined || isEmpty(reading.tree, key)) {
    throw invalid(positionOf(reading.tree, key), 'The name of an annotation must be text', advice);
  }
  const name = storedText(reading.tree, event);
  checkLength(reading, key, name, reading.limits.maxAnnotationNameBytes, 'The name of an annotation');
  return name;
}

function readValue(reading: Reading, node: NodeIndex, name: string): string {
  const { tree } = reading;
  const event = plainScalarAt(tree, node);
  let text: string;
  if (event !== undefined) text = storedText(tree, event);
  else if (contentOf(tree, node).type === EVENT_ID.SEQUENCE) text = listText(reading, node, name);
  else {
    const got = classOf(tree, node);
    const problem =
      got === 'Hash'
        ? `Attribute '${excerpt(name)}' can't be a mapping`
        : `Expected a string for field '${excerpt(name)}', got ${got}`;
    throw invalid(
      positionOf(tree, node),
      problem,
      'The value of an annotation is one text; quote it if it begins with a special character',
    );
  }
  checkLength(reading, node, text, reading.limits.maxAnnotationValueBytes, 'The value of an annotation');
  return text;
}

/** A list of plain values is kept as text, as Conjur keeps it: `["x", 1, true]`. */
function listText(reading: Reading, node: NodeIndex, name: string): string {
  const { tree } = reading;
  const items = childrenOf(tree, node).map((child) => itemText(tree, resolveAlias(reading, child)));
  if (items.length === 0 || items.includes(undefined)) {
    throw invalid(
      positionOf(tree, node),
      `Expected a string for field '${excerpt(name)}', got Array`,
      'The value of an annotation is one text',
    );
  }
  return `[${items.join(', ')}]`;
}

function itemText(tree: Tree, item: NodeIndex): string | undefined {
  const event = plainScalarAt(tree, item);
  if (event === undefined) return undefined;
  const type = typeOfScalar(tree, event);
  if (type === 'NilClass') return 'nil';
  return type === 'String' ? JSON.stringify(scalarOf(tree, event)) : storedText(tree, event);
}
