/**
 * From policy text to statements. The text is YAML 1.1 read event by event, never as a generic
 * document: tags say what a node is, aliases are the very object that they lead to, every fault
 * has its line and column. What an id means and who owns what is for resolve.ts.
 */
import { EVENT_ID } from 'js-yaml';
import { adviseStatement } from './advice.ts';
import { positionOf, readTree, scalarOf, type NodeIndex } from './events.ts';
import { excerpt, invalid } from './invalid.ts';
import { defaultPolicyLimits, type PolicyLimits } from './limits.ts';
import {
  classOf,
  contentOf,
  countStatement,
  isEmpty,
  refuseTab,
  resolveAlias,
  tagOf,
  type Reading,
} from './nodes.ts';
import { readRecord } from './record.ts';
import { readRule } from './rules.ts';
import { readSource } from './source.ts';
import type { Statement } from './statements.ts';
import { isRecordTag } from './tags.ts';

/**
 * Reads a policy text: its statements in textual order, nested bodies inside their policies,
 * nothing resolved.
 *
 * @param text UTF-8, with or without a byte order mark
 * @param ownLimits replace the defaults one by one
 * @throws LatchkeyError `POLICY_TEXT_MISSING`: no bytes at all; a text of comments is an empty policy
 * @throws LatchkeyError `POLICY_TOO_LARGE`: beyond a limit; the detail says which
 * @throws LatchkeyError `POLICY_INVALID`: not YAML, not a policy; `at` is the place of the fault
 *   (1-based line and column), `detail` says what was expected there and how to write it
 * @see Conjur: the policy language, "Policy statement reference"
 */
export function parsePolicy(text: Uint8Array, ownLimits: Partial<PolicyLimits> = {}): readonly Statement[] {
  const limits = { ...defaultPolicyLimits, ...ownLimits };
  const tree = readTree(readSource(text, limits), limits);
  if (tree.root === undefined) return [];
  const reading: Reading = {
    tree,
    limits,
    records: new Map(),
    placed: new Set(),
    names: new Map(),
    readBody,
    statements: 0,
    expansion: 0,
  };
  const event = contentOf(tree, tree.root);
  if (event.type === EVENT_ID.SEQUENCE) return readStatements(reading, tree.root);
  const at = positionOf(tree, tree.root);
  if (event.type === EVENT_ID.MAPPING) {
    throw invalid(at, 'Unexpected mapping', "A policy is a list of statements: begin each with '- '");
  }
  const scalar = scalarOf(tree, event);
  if (scalar === '') return [];
  throw invalid(at, 'Unexpected scalar', adviseStatement(scalar));
}

function readStatements(reading: Reading, list: NodeIndex): readonly Statement[] {
  const statements: Statement[] = [];
  addStatements(reading, list, statements);
  return statements;
}

/** Lists within the list are flattened; one that aliases lead to is placed where it stands first. */
function addStatements(reading: Reading, list: NodeIndex, statements: Statement[]): void {
  const { tree } = reading;
  if (tree.shared[list] === 1) {
    if (reading.placed.has(list)) return;
    reading.placed.add(list);
  }
  const end = (tree.ends[list] ?? 0) - 1;
  for (let child = list + 1; child < end; child = tree.ends[child] ?? end) {
    refuseTab(tree, list, child);
    const node = resolveAlias(reading, child);
    if (contentOf(tree, node).type === EVENT_ID.SEQUENCE) addStatements(reading, node, statements);
    else {
      countStatement(reading);
      statements.push(readStatement(reading, node));
    }
  }
}

function readStatement(reading: Reading, node: NodeIndex): Statement {
  const { tree } = reading;
  const tag = tagOf(tree, node);
  if (tag === undefined) throw untaggedStatement(reading, node);
  if (isRecordTag(tag)) return readRecord(reading, node, tag);
  if (tag === 'member' || tag === 'automatic-role') {
    const place = tag === 'member' ? 'among the members of a !grant' : 'where a role is referred to';
    throw invalid(positionOf(tree, node), `!${tag} is not a statement`, `It can only stand ${place}`);
  }
  return readRule(reading, node, tag);
}

function untaggedStatement(reading: Reading, node: NodeIndex): Error {
  const { tree } = reading;
  const event = contentOf(tree, node);
  const at = positionOf(tree, node);
  if (event.type === EVENT_ID.SCALAR) {
    const text = scalarOf(tree, event);
    const what = text === '' ? '' : ` '${excerpt(text)}'`;
    return invalid(at, `Unexpected scalar${what}`, adviseStatement(text));
  }
  const key = contentOf(tree, node + 1 < (tree.ends[node] ?? 0) - 1 ? node + 1 : node);
  const tagged = key !== event && key.type !== EVENT_ID.SEQUENCE && key.tagStart !== -1;
  return invalid(
    at,
    'No type given or inferred for sequence entry',
    tagged
      ? 'Begin the attributes on a line of their own below the tag, indented deeper than the dash'
      : "Put the type behind the dash, as in '- !variable', and the attributes below it",
  );
}

/** The body of a policy: a list, or nothing. */
function readBody(reading: Reading, value: NodeIndex): readonly Statement[] {
  const { tree } = reading;
  const node = resolveAlias(reading, value);
  const event = contentOf(tree, node);
  if (event.type === EVENT_ID.SEQUENCE) return readStatements(reading, node);
  if (isEmpty(tree, node)) return [];
  const got = classOf(tree, node);
  throw invalid(
    positionOf(tree, node),
    got === 'Hash' ? "Attribute 'body' can't be a mapping" : `Expected a list for field 'body', got ${got}`,
    "Below 'body:', begin each statement with '- '",
  );
}
