import { EVENT_ID } from 'js-yaml';
import { LatchkeyError, type Position } from '../errors.ts';
import { readAnnotations } from './annotations.ts';
import { forEachAttribute } from './each-attribute.ts';
import { positionOf, scalarOf, type NodeIndex } from './events.ts';
import { invalid } from './invalid.ts';
import { contentOf, isEmpty, itemsOf, resolveAlias, tagOf, unexpectedType, type Reading } from './nodes.ts';
import type { AnnotationNode, RecordNode } from './statements.ts';
import { isRecordTag, type RecordTag } from './tags.ts';
import { checkFolded, readId, readInteger, readPublicKeys, readRestrictedTo, readString } from './values.ts';

const none: readonly never[] = [];

/** A record while it is being read. */
type Draft = { -readonly [Name in keyof RecordNode]: RecordNode[Name] };

function emptyRecord(tag: RecordTag, at: Position, shared: boolean): Draft {
  return {
    tag,
    at,
    id: undefined,
    kind: undefined,
    account: undefined,
    owner: undefined,
    annotations: none,
    restrictedTo: undefined,
    publicKeys: none,
    layers: undefined,
    body: none,
    bodyLeftEmpty: false,
    shared,
  };
}

/** A tagged scalar or mapping as a record. What carries an anchor is read once. */
export function readRecord(reading: Reading, node: NodeIndex, tag: RecordTag): RecordNode {
  const shared = reading.tree.shared[node] === 1;
  const known = shared ? reading.records.get(node) : undefined;
  if (known?.tag === tag) return known;
  const event = contentOf(reading.tree, node);
  const record = emptyRecord(tag, positionOf(reading.tree, node), shared);
  if (event.type === EVENT_ID.SCALAR) {
    record.id = scalarOf(reading.tree, event);
    checkFolded(reading.tree, node, event, record.id);
  } else readAttributes(reading, node, record);
  if (shared) reading.records.set(node, record);
  return record;
}

/** An annotation that is written out wins over the attribute that stands for it. */
function withImplied(
  annotations: readonly AnnotationNode[],
  implied: readonly AnnotationNode[],
): readonly AnnotationNode[] {
  const names = new Set(annotations.map((annotation) => annotation.name));
  return [...annotations, ...implied.filter((annotation) => !names.has(annotation.name))];
}

function readAttributes(reading: Reading, node: NodeIndex, draft: Draft): void {
  const { tag } = draft;
  const implied: AnnotationNode[] = [];
  const imply = (name: string, value: string | undefined, key: NodeIndex): void => {
    if (value !== undefined)
      implied.push({ name: `conjur/${name}`, value, at: positionOf(reading.tree, key) });
  };
  forEachAttribute(reading, node, tag, (attribute, value, key) => {
    switch (attribute) {
      case 'id':
        draft.id = readId(reading, value);
        return;
      case 'account':
        draft.account = readString(reading, value, 'account');
        return;
      case 'owner':
        draft.owner = readOwner(reading, value);
        return;
      case 'annotations':
        draft.annotations = readAnnotations(reading, value);
        return;
      case 'body':
        draft.bodyLeftEmpty = isEmpty(reading.tree, resolveAlias(reading, value));
        draft.body = reading.readBody(reading, value);
        return;
      case 'restrictedTo':
        draft.restrictedTo = readRestrictedTo(reading, value);
        return;
      case 'publicKeys':
        draft.publicKeys = readPublicKeys(reading, value);
        return;
      case 'layers':
        draft.layers = itemsOf(reading, value).map((item) => readReference(reading, item, layerReference));
        return;
      case 'unusedRole':
        readReference(reading, value, roleReference('role'));
        return;
      case 'kind':
        if (tag === 'variable') imply('kind', readString(reading, value, 'kind'), key);
        else draft.kind = readString(reading, value, 'kind');
        return;
      case 'mimeType':
        imply('mime_type', readString(reading, value, 'mime_type'), key);
        return;
      case 'uidnumber':
      case 'gidnumber':
        imply(attribute, readInteger(reading, value, attribute), key);
        return;
      case 'roles':
      case 'members':
      case 'privileges':
      case 'resources':
      case 'record':
      case 'memberRole':
      case 'admin':
      case 'targetRole':
      case 'roleName':
        throw new TypeError('Not an attribute of a record');
    }
  });
  if (implied.length > 0) draft.annotations = withImplied(draft.annotations, implied);
}

/** What an attribute expects that refers to a record. */
export interface ReferenceField {
  /** As messages name it, in the singular. */
  readonly name: string;
  readonly expected: 'Role' | 'Resource' | 'Layer';
  /** The tag of a mapping that has none. */
  readonly untagged: 'role' | 'resource' | undefined;
}

export function roleReference(name: string): ReferenceField {
  return { name, expected: 'Role', untagged: 'role' };
}

const layerReference: ReferenceField = { name: 'layer', expected: 'Layer', untagged: undefined };
const ownerReference: ReferenceField = { name: 'owner', expected: 'Role', untagged: undefined };
const targetReference: ReferenceField = { name: 'record', expected: 'Role', untagged: undefined };

function fits(tag: RecordTag, field: ReferenceField): boolean {
  switch (field.expected) {
    case 'Layer':
      return tag === 'layer';
    case 'Role':
      return tag !== 'variable' && tag !== 'webservice' && tag !== 'resource';
    case 'Resource':
      return tag !== 'role';
  }
}

/** A reference to a record: a tagged scalar, or a mapping of which only the id and kind count. */
export function readReference(reading: Reading, value: NodeIndex, field: ReferenceField): RecordNode {
  const { tree } = reading;
  const node = resolveAlias(reading, value);
  const event = contentOf(tree, node);
  const tag = tagOf(tree, node) ?? untaggedReference(reading, node, field);
  if (tag === 'automatic-role' && field.expected === 'Role' && event.type === EVENT_ID.MAPPING) {
    return readAutomaticRole(reading, node);
  }
  if (tag !== undefined && isRecordTag(tag) && fits(tag, field)) return readRecord(reading, node, tag);
  throw field.untagged !== undefined && isEmpty(tree, node)
    ? blankReference(reading, node, field.untagged)
    : unexpectedReference(reading, node, field);
}

/** Nothing at all reads as a record without an id, which is a fault of meaning: clients match these words. */
function blankReference(reading: Reading, node: NodeIndex, what: string): Error {
  return new LatchkeyError('POLICY_UNRESOLVED', {
    at: positionOf(reading.tree, node),
    detail: `${what} has a blank id`,
    advice: `Write the type and the id, as in ${what}: ${what === 'role' ? '!group ops' : '!variable key'}`,
  });
}

function untaggedReference(reading: Reading, node: NodeIndex, field: ReferenceField): RecordTag | undefined {
  const { type } = contentOf(reading.tree, node);
  if (type === EVENT_ID.MAPPING) return field.untagged;
  return type === EVENT_ID.SCALAR && field.expected === 'Layer' && !isEmpty(reading.tree, node)
    ? 'layer'
    : undefined;
}

function unexpectedReference(reading: Reading, node: NodeIndex, field: ReferenceField): Error {
  const example =
    field.expected === 'Layer' ? '!layer web' : field.expected === 'Role' ? '!group ops' : '!variable key';
  return unexpectedType(
    reading,
    node,
    `a ${field.expected}`,
    field.name,
    `Write the type and the id, as in ${field.name}: ${example}`,
  );
}

/** Left empty, the default owner applies. */
function readOwner(reading: Reading, value: NodeIndex): RecordNode | undefined {
  const node = resolveAlias(reading, value);
  return isEmpty(reading.tree, node) ? undefined : readReference(reading, node, ownerReference);
}

/** Conjur once made roles `@:kind/id/name`; nothing makes them any more, so none is ever found. */
function readAutomaticRole(reading: Reading, node: NodeIndex): RecordNode {
  let target: RecordNode | undefined;
  let name: string | undefined;
  forEachAttribute(reading, node, 'automatic-role', (attribute, value) => {
    if (attribute === 'targetRole') target = readReference(reading, value, targetReference);
    else name = readString(reading, value, 'role_name');
  });
  const at: Position = positionOf(reading.tree, node);
  if (target === undefined || name === undefined) {
    throw invalid(at, "Type AutomaticRole needs 'record' and 'role_name'", 'Write both, or refer to a group');
  }
  const kind = target.kind ?? target.tag.replace('-', '_');
  return {
    ...emptyRecord('role', at, false),
    kind: '@',
    id: `${kind}/${target.id ?? ''}/${name}`,
    account: target.account,
  };
}
