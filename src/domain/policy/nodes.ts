import { COLLECTION_STYLE, EVENT_ID, SCALAR_STYLE, type AliasEvent, type ScalarEvent } from 'js-yaml';
import type { Position } from '../errors.ts';
import { adviseTag } from './advice.ts';
import { positionOf, scalarOf, startOf, type ContentEvent, type NodeIndex, type Tree } from './events.ts';
import { excerpt, invalid, tooLarge } from './invalid.ts';
import type { PolicyLimits } from './limits.ts';
import { textOfPlain, typeOfPlain } from './scalars.ts';
import type { RecordNode, Statement } from './statements.ts';
import { classNameOf, isStandardTag, tagNamed, type Tag } from './tags.ts';

/** One parse under way: the tree and what has been read and spent so far. */
export interface Reading {
  readonly tree: Tree;
  readonly limits: PolicyLimits;
  /** Records that aliases may lead to, each read once. */
  readonly records: Map<NodeIndex, RecordNode>;
  /** Lists of statements that aliases may lead to, each placed once. */
  readonly placed: Set<NodeIndex>;
  /** Names that recur, each once. */
  readonly names: Map<string, string>;
  /** Reads the body of a policy. */
  readonly readBody: (reading: Reading, value: NodeIndex) => readonly Statement[];
  statements: number;
  expansion: number;
}

/** The event at a node that is known to be one. */
function eventAt(tree: Tree, node: NodeIndex): ContentEvent | AliasEvent {
  const event = tree.events[node];
  if (event === undefined || event.type === EVENT_ID.DOCUMENT || event.type === EVENT_ID.POP) {
    throw new TypeError('Not the index of a node');
  }
  return event;
}

/** Counts a statement or an annotation against the limit. */
export function countStatement(reading: Reading): void {
  if (++reading.statements <= reading.limits.maxStatements) return;
  throw tooLarge(`A policy may have ${reading.limits.maxStatements} statements and annotations`);
}

/** The node itself, or what it is an alias of. Repeated values count against the limit. */
export function resolveAlias(reading: Reading, node: NodeIndex): NodeIndex {
  if (eventAt(reading.tree, node).type !== EVENT_ID.ALIAS) return node;
  const target = reading.tree.targets.get(node) ?? node;
  const known = reading.records.has(target) || reading.placed.has(target);
  reading.expansion += known ? 1 : (reading.tree.ends[target] ?? target) - target;
  if (reading.expansion > reading.limits.maxExpansion) {
    throw tooLarge(`Aliases may repeat ${reading.limits.maxExpansion} values in all`);
  }
  return target;
}

/** The event of a node that is no alias. */
export function contentOf(tree: Tree, node: NodeIndex): ContentEvent {
  const event = eventAt(tree, node);
  if (event.type === EVENT_ID.ALIAS) throw new TypeError('An alias must be resolved first');
  return event;
}

/** The items of a sequence; keys and values in turn for a mapping. */
export function childrenOf(tree: Tree, node: NodeIndex): readonly NodeIndex[] {
  const children: NodeIndex[] = [];
  const end = (tree.ends[node] ?? 0) - 1;
  for (let child = node + 1; child < end; child = tree.ends[child] ?? end) children.push(child);
  return children;
}

/** The tag of a scalar or mapping; undefined when it has none, or one of YAML's own. */
export function tagOf(tree: Tree, node: NodeIndex): Tag | undefined {
  const event = contentOf(tree, node);
  if (event.tagStart === -1 || event.type === EVENT_ID.SEQUENCE) return undefined;
  const { text } = tree.source;
  const written = text.slice(event.tagStart, event.tagEnd);
  if (written.startsWith('!!') && isStandardTag(written)) return undefined;
  const after = text.charCodeAt(event.tagEnd);
  if (after > 0x20 && after !== 0x2c) throw crampedTag(tree, event, written);
  const tag = tagNamed(written.startsWith('!<!') ? written.slice(3, -1) : written.slice(1));
  if (tag === undefined) {
    if (isStandardTag(written)) return undefined;
    throw invalid(
      tree.source.position(event.tagStart),
      `Unrecognized data type '${excerpt(written)}'`,
      adviseTag(tree.source.text, event.tagStart, written),
    );
  }
  return tag;
}

/** YAML 1.1 wants white space behind a tag, or a comma in flow style. */
function crampedTag(tree: Tree, event: ContentEvent, written: string): Error {
  return invalid(
    tree.source.position(event.tagStart),
    'did not find expected whitespace or line break while scanning a tag',
    `Leave a blank behind ${excerpt(written)}, as in [ ${excerpt(written)} ]`,
  );
}

/** Where a scalar's text came from decides its type: only plain ones have another than text. */
export function typeOfScalar(tree: Tree, event: ScalarEvent): ReturnType<typeof typeOfPlain> {
  if (event.style !== SCALAR_STYLE.PLAIN) return 'String';
  return event.valueStart === -1 ? 'NilClass' : typeOfPlain(scalarOf(tree, event));
}

/** What messages call a value: the class of its tag, or of its text. */
export function classOf(tree: Tree, node: NodeIndex): string {
  const event = contentOf(tree, node);
  if (event.type === EVENT_ID.SEQUENCE) return 'Array';
  const tag = tagOf(tree, node);
  if (tag !== undefined) return classNameOf(tag);
  return event.type === EVENT_ID.MAPPING ? 'Hash' : typeOfScalar(tree, event);
}

/** Whether nothing was written for a value, or `null`. */
export function isEmpty(tree: Tree, node: NodeIndex): boolean {
  const event = contentOf(tree, node);
  return event.type === EVENT_ID.SCALAR && event.tagStart === -1 && typeOfScalar(tree, event) === 'NilClass';
}

/** The text of an untagged scalar as it is stored: `true` for `yes`, `8` for `010`. */
export function storedText(tree: Tree, event: ScalarEvent): string {
  const text = scalarOf(tree, event);
  return event.style === SCALAR_STYLE.PLAIN ? textOfPlain(text, typeOfPlain(text)) : text;
}

/** YAML 1.1 knows no tab between a dash and what it lists. */
export function refuseTab(tree: Tree, list: NodeIndex, item: NodeIndex): void {
  const event = contentOf(tree, list);
  if (event.type !== EVENT_ID.SEQUENCE || event.style !== COLLECTION_STYLE.BLOCK) return;
  const before = startOf(eventAt(tree, item)) - 1;
  if (tree.source.text.charCodeAt(before) !== 0x09) return;
  throw invalid(
    tree.source.position(before),
    'found character that cannot start any token while scanning for the next token',
    'Leave a blank behind the dash, not a tab',
  );
}

/**
 * Each key of a block mapping begins a line, but for the first, which may stand behind a dash.
 * (The YAML library lets one follow a list item on its line.)
 */
export function refuseKeyBehindItem(tree: Tree, mapping: NodeIndex, key: NodeIndex): void {
  const event = contentOf(tree, mapping);
  if (event.type !== EVENT_ID.MAPPING || event.style !== COLLECTION_STYLE.BLOCK || key === mapping + 1)
    return;
  const { text } = tree.source;
  const start = startOf(eventAt(tree, key));
  let before = start - 1;
  while (before >= 0 && isBlankOrQuestionMark(text.charCodeAt(before))) before--;
  if (start === -1 || before < 0 || text[before] === '\n' || text[before] === '\r') return;
  throw invalid(
    tree.source.position(start),
    'did not find expected key while parsing a block mapping',
    'Begin each attribute on a line of its own',
  );
}

function isBlankOrQuestionMark(character: number): boolean {
  return character === 0x20 || character === 0x09 || character === 0x3f;
}

/** Every value of an attribute that takes one or a list. A list within the list stays a node. */
export function itemsOf(reading: Reading, value: NodeIndex): readonly NodeIndex[] {
  const node = resolveAlias(reading, value);
  if (contentOf(reading.tree, node).type !== EVENT_ID.SEQUENCE) return [node];
  return childrenOf(reading.tree, node).map((child) => {
    refuseTab(reading.tree, node, child);
    return resolveAlias(reading, child);
  });
}

/** The refusal of a value of the wrong type. */
export function unexpectedType(
  reading: Reading,
  node: NodeIndex,
  expected: string,
  field: string,
  advice = '',
): Error {
  const at: Position = positionOf(reading.tree, node);
  const got = classOf(reading.tree, node);
  if (got === 'Hash') return invalid(at, `Attribute '${field}' can't be a mapping`, advice);
  return invalid(at, `Expected ${expected} for field '${field}', got ${got}`, advice);
}
