import { EVENT_ID } from 'js-yaml';
import { forEachAttribute } from './each-attribute.ts';
import { positionOf, type NodeIndex } from './events.ts';
import { invalid } from './invalid.ts';
import { contentOf, itemsOf, resolveAlias, tagOf, unexpectedType, type Reading } from './nodes.ts';
import { readReference, roleReference, type ReferenceField } from './record.ts';
import type { MemberNode, RecordNode, Statement } from './statements.ts';
import type { Tag } from './tags.ts';
import { readBoolean, readPrivileges } from './values.ts';

/** The tags of statements that define nothing. */
type RuleTag = Extract<Tag, 'grant' | 'revoke' | 'permit' | 'deny' | 'delete'>;

const roleField = roleReference('role');
const memberField = roleReference('member');
/** What is to be revoked has no admin option, so a mapping without a tag makes no sense. */
const revokedField: ReferenceField = { name: 'member', expected: 'Role', untagged: undefined };
const resourceField: ReferenceField = { name: 'resource', expected: 'Resource', untagged: 'resource' };
const recordField: ReferenceField = { name: 'record', expected: 'Resource', untagged: undefined };

/** A grant, revocation, permission, denial or deletion. Lists that were left out are empty. */
export function readRule(reading: Reading, node: NodeIndex, tag: RuleTag): Statement {
  const { tree } = reading;
  if (contentOf(tree, node).type === EVENT_ID.SCALAR) throw scalarRule(reading, node, tag);
  switch (tag) {
    case 'grant':
      return readGrant(reading, node);
    case 'revoke':
      return readRevoke(reading, node);
    case 'permit':
    case 'deny':
      return readPermission(reading, node, tag);
    case 'delete':
      return readDelete(reading, node);
  }
}

function scalarRule(reading: Reading, node: NodeIndex, tag: RuleTag): Error {
  const attributes = { grant: 'role and member', revoke: 'role and member', delete: 'record' };
  const names = tag === 'permit' || tag === 'deny' ? 'role, privilege and resource' : attributes[tag];
  return invalid(
    positionOf(reading.tree, node),
    `Expected attributes behind !${tag}, got a scalar`,
    `Write ${names} below it, one a line, each as 'name: value' with a blank behind the colon`,
  );
}

function readGrant(reading: Reading, node: NodeIndex): Statement {
  let roles: readonly RecordNode[] = [];
  let members: readonly MemberNode[] = [];
  forEachAttribute(reading, node, 'grant', (attribute, value) => {
    if (attribute === 'roles') roles = readReferences(reading, value, roleField);
    else members = itemsOf(reading, value).map((item) => readMember(reading, item));
  });
  return { tag: 'grant', at: positionOf(reading.tree, node), roles, members };
}

/** A member is a role, or a mapping of a role and the admin option. */
function readMember(reading: Reading, value: NodeIndex): MemberNode {
  const node = resolveAlias(reading, value);
  const event = contentOf(reading.tree, node);
  const at = positionOf(reading.tree, node);
  const tag = tagOf(reading.tree, node);
  if (event.type === EVENT_ID.MAPPING && (tag === undefined || tag === 'member')) {
    return readMemberMapping(reading, node);
  }
  if (event.type === EVENT_ID.SEQUENCE || tag === undefined) {
    throw unexpectedType(
      reading,
      node,
      'a Member',
      'member',
      'Write the type and the id, as in member: !user alice',
    );
  }
  return {
    role: readReference(reading, node, { ...memberField, untagged: undefined }),
    admin: undefined,
    at,
  };
}

function readMemberMapping(reading: Reading, node: NodeIndex): MemberNode {
  let role: RecordNode | undefined;
  let admin: boolean | undefined;
  forEachAttribute(reading, node, 'member', (attribute, value) => {
    if (attribute === 'memberRole') role = readReference(reading, value, roleField);
    else admin = readBoolean(reading, value, 'admin');
  });
  const at = positionOf(reading.tree, node);
  if (role === undefined)
    throw invalid(at, 'A Member needs a role', "Write 'role: !user alice' and 'admin: true'");
  return { role, admin, at };
}

function readRevoke(reading: Reading, node: NodeIndex): Statement {
  let roles: readonly RecordNode[] = [];
  let members: readonly RecordNode[] = [];
  forEachAttribute(reading, node, 'revoke', (attribute, value) => {
    if (attribute === 'roles') roles = readReferences(reading, value, roleField);
    else members = itemsOf(reading, value).map((item) => readRevoked(reading, item));
  });
  return { tag: 'revoke', at: positionOf(reading.tree, node), roles, members };
}

function readRevoked(reading: Reading, value: NodeIndex): RecordNode {
  const node = resolveAlias(reading, value);
  const event = contentOf(reading.tree, node);
  if (event.type === EVENT_ID.MAPPING && tagOf(reading.tree, node) === undefined) {
    throw invalid(
      positionOf(reading.tree, node),
      "Expected a Role for field 'member', got Member",
      'Name the role itself, as in member: !user alice',
    );
  }
  return readReference(reading, node, revokedField);
}

function readPermission(reading: Reading, node: NodeIndex, tag: 'permit' | 'deny'): Statement {
  let roles: readonly RecordNode[] = [];
  let privileges: readonly string[] = [];
  let resources: readonly RecordNode[] = [];
  forEachAttribute(reading, node, tag, (attribute, value) => {
    if (attribute === 'roles') roles = readReferences(reading, value, roleField);
    else if (attribute === 'privileges') privileges = readPrivileges(reading, value);
    else resources = readReferences(reading, value, resourceField);
  });
  return { tag, at: positionOf(reading.tree, node), roles, privileges, resources };
}

function readDelete(reading: Reading, node: NodeIndex): Statement {
  let record: RecordNode | undefined;
  forEachAttribute(reading, node, 'delete', (_, value) => {
    record = readReference(reading, value, recordField);
  });
  return { tag: 'delete', at: positionOf(reading.tree, node), record };
}

function readReferences(reading: Reading, value: NodeIndex, field: ReferenceField): readonly RecordNode[] {
  return itemsOf(reading, value).map((item) => readReference(reading, item, field));
}
