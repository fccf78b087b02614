import { EVENT_ID, getScalarValue, SCALAR_STYLE } from 'js-yaml';
import type { AliasEvent, Event, MappingEvent, ScalarEvent, SequenceEvent } from 'js-yaml';
import type { Position } from '../errors.ts';
import { excerpt, invalid } from './invalid.ts';
import type { PolicyLimits } from './limits.ts';
import type { Source } from './source.ts';
import { parseYaml } from './yaml.ts';

/** An event that begins a value. */
export type ContentEvent = ScalarEvent | SequenceEvent | MappingEvent;

/** A node of the document: the index of the event that begins it. */
export type NodeIndex = number;

/**
 * The one document of a text, as the parser's events. A node is the index of its first event
 * and `ends` gives the index behind its last, so that nothing is built for a node but what its
 * meaning needs. Aliases lead to the node that has their anchor.
 */
export interface Tree {
  readonly source: Source;
  readonly events: readonly Event[];
  readonly ends: Int32Array;
  /** 1 for what carries an anchor, and for all within it. */
  readonly shared: Uint8Array;
  /** By the index of the alias. */
  readonly targets: ReadonlyMap<NodeIndex, NodeIndex>;
  /** undefined: the text has no document. */
  readonly root: NodeIndex | undefined;
}

const anchorName = /^[\w-]{1,200}$/;
const unstorable = /[\0\p{Cs}]/u;

/** Reads a text as YAML: one document, anchors once, aliases to what is complete before them. */
export function readTree(original: Source, limits: PolicyLimits): Tree {
  const { source, events } = parseYaml(original, limits);
  const ends = new Int32Array(events.length);
  const shared = new Uint8Array(events.length);
  const targets = new Map<NodeIndex, NodeIndex>();
  const anchors = new Map<string, NodeIndex>();
  const open: NodeIndex[] = [];
  let anchored = 0;
  let root: NodeIndex | undefined;
  for (let index = 0; index < events.length; index++) {
    const event = events[index];
    if (event === undefined) break;
    if (event.type === EVENT_ID.DOCUMENT) {
      if (root !== undefined) throw severalDocuments(source, events, index);
      refuseDirectives(source, event.directives);
      root = index + 1;
      continue;
    }
    if (event.type === EVENT_ID.POP) {
      const begin = open.pop();
      if (begin === undefined) continue;
      ends[begin] = index + 1;
      if (isAnchored(events[begin])) anchored--;
      continue;
    }
    if (event.type === EVENT_ID.ALIAS) {
      targets.set(index, targetOf(source, event, anchors, ends));
      ends[index] = index + 1;
      continue;
    }
    if (event.anchorStart !== -1) recordAnchor(source, event, index, anchors);
    if (anchored > 0 || event.anchorStart !== -1) shared[index] = 1;
    if (event.type === EVENT_ID.SCALAR) ends[index] = index + 1;
    else {
      open.push(index);
      if (event.anchorStart !== -1) anchored++;
    }
  }
  return { source, events, ends, shared, targets, root };
}

function isAnchored(event: Event | undefined): boolean {
  return event !== undefined && 'anchorStart' in event && event.anchorStart !== -1;
}

function severalDocuments(source: Source, events: readonly Event[], index: number): Error {
  const node = events[index + 1];
  const offset = node === undefined ? -1 : startOf(node);
  const at = source.text.lastIndexOf('\n---', offset === -1 ? source.text.length : offset) + 1;
  return invalid(
    source.position(at),
    'Multiple YAML documents encountered. Only a single document is permitted per policy',
    "Take the '---' line out, or load each document on its own",
  );
}

function refuseDirectives(source: Source, directives: readonly { readonly kind: string }[]): void {
  if (!directives.some((directive) => directive.kind === 'tag')) return;
  throw invalid(
    source.position(Math.max(source.text.search(/^%TAG/m), 0)),
    '%TAG directives are not allowed',
    'The tags of a policy are fixed',
  );
}

function recordAnchor(
  source: Source,
  event: ContentEvent,
  index: NodeIndex,
  anchors: Map<string, NodeIndex>,
): void {
  const name = nameAt(source, event, 'anchor');
  if (anchors.has(name)) {
    throw invalid(
      source.position(event.anchorStart - 1),
      `Duplicate anchor ${excerpt(name)}`,
      'Give each anchor a name of its own',
    );
  }
  anchors.set(name, index);
}

/** The name of an anchor or alias. YAML 1.1 has it end before what YAML 1.2 lets it contain, such as a colon. */
function nameAt(source: Source, event: ContentEvent | AliasEvent, what: 'anchor' | 'alias'): string {
  const name = source.text.slice(event.anchorStart, event.anchorEnd);
  if (anchorName.test(name)) return name;
  throw invalid(
    source.position(event.anchorStart - 1),
    `did not find expected alphabetic or numeric character while scanning an ${what}`,
    'Its name has up to 200 letters, digits, dashes and underscores; leave a blank behind it',
  );
}

function targetOf(
  source: Source,
  event: AliasEvent,
  anchors: ReadonlyMap<string, NodeIndex>,
  ends: Int32Array,
): NodeIndex {
  const name = nameAt(source, event, 'alias');
  const target = anchors.get(name);
  if (target !== undefined && ends[target] !== 0) return target;
  throw invalid(
    source.position(event.anchorStart - 1),
    `Unknown alias '${excerpt(name)}'`,
    target === undefined
      ? `An alias must follow its anchor: write '&${excerpt(name)}' on the node above that it stands for`
      : 'An alias cannot stand within the node that it stands for',
  );
}

/** Where an event begins in the text; -1 for a value that was left out. */
export function startOf(event: Event): number {
  if (event.type === EVENT_ID.ALIAS) return event.anchorStart - 1;
  if (event.type === EVENT_ID.DOCUMENT || event.type === EVENT_ID.POP) return -1;
  let start: number;
  if (event.type === EVENT_ID.SCALAR) {
    const quoted = event.style === SCALAR_STYLE.SINGLE_QUOTED || event.style === SCALAR_STYLE.DOUBLE_QUOTED;
    start = quoted ? event.valueStart - 1 : event.valueStart;
  } else start = event.start;
  if (event.tagStart !== -1 && (start === -1 || event.tagStart < start)) start = event.tagStart;
  if (event.anchorStart !== -1 && (start === -1 || event.anchorStart < start)) start = event.anchorStart - 1;
  return start;
}

/** Where a node is. A value that was left out is where the nearest thing written before it begins. */
export function positionOf(tree: Tree, node: NodeIndex): Position {
  let offset = -1;
  for (let index = node; offset === -1 && index >= 0; index--) {
    const event = tree.events[index];
    if (event !== undefined) offset = startOf(event);
  }
  return tree.source.position(Math.max(offset, 0));
}

/** The text of a scalar, escapes and folding undone. */
export function scalarOf(tree: Tree, event: ScalarEvent): string {
  const { source } = tree;
  if (event.fast) return source.text.slice(event.valueStart, event.valueEnd);
  const value = getScalarValue(source.text, event);
  // Escapes can spell what the text itself may not hold; half a surrogate pair has no UTF-8 form.
  if (event.style === SCALAR_STYLE.DOUBLE_QUOTED && unstorable.test(value)) {
    throw invalid(source.position(startOf(event)), 'string contains null byte or half a surrogate pair');
  }
  return value;
}
