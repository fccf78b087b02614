/** The tags that define records. `kind` in ids is the tag with `-` as `_`. */
export const recordTags = [
  'policy',
  'user',
  'host',
  'group',
  'layer',
  'variable',
  'webservice',
  'host-factory',
  'role',
  'resource',
] as const;
export type RecordTag = (typeof recordTags)[number];

/** Every tag of the language, as it is spelled by default. */
export type Tag = RecordTag | 'grant' | 'revoke' | 'permit' | 'deny' | 'delete' | 'member' | 'automatic-role';

/** Each tag with the name of its class, which messages use. */
const classNames: Readonly<Record<Tag, string>> = {
  policy: 'Policy',
  user: 'User',
  host: 'Host',
  group: 'Group',
  layer: 'Layer',
  variable: 'Variable',
  webservice: 'Webservice',
  'host-factory': 'HostFactory',
  role: 'Role',
  resource: 'Resource',
  grant: 'Grant',
  revoke: 'Revoke',
  permit: 'Permit',
  deny: 'Deny',
  delete: 'Delete',
  member: 'Member',
  'automatic-role': 'AutomaticRole',
};

/** The tags of statements, in the order in which messages list them. */
export const statementTags = [
  'delete',
  'deny',
  'grant',
  'group',
  'host',
  'host-factory',
  'layer',
  'permit',
  'policy',
  'resource',
  'revoke',
  'role',
  'user',
  'variable',
  'webservice',
] as const satisfies readonly Tag[];

const tagsByName = new Map<string, Tag>([
  ...(Object.keys(classNames) as Tag[]).map((tag): [string, Tag] => [tag.replace('-', '_'), tag]),
  ['managed_role', 'automatic-role'],
]);

export function isRecordTag(tag: Tag): tag is RecordTag {
  return (recordTags as readonly Tag[]).includes(tag);
}

/** The name of a tag's class, as in `Expected a Role for field 'owner', got Variable`. */
export function classNameOf(tag: Tag): string {
  return classNames[tag];
}

/**
 * The tag of this name: `host-factory`, `host_factory`, `HostFactory` and `Host-Factory` are
 * one, as are `user` and `User`; `hostfactory` is none.
 */
export function tagNamed(name: string): Tag | undefined {
  return tagsByName.get(name) ?? tagsByName.get(underscored(name));
}

function underscored(name: string): string {
  return name
    .replace(/([A-Z\d]+)([A-Z][a-z])/g, '$1_$2')
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .replaceAll('-', '_')
    .toLowerCase();
}

/** Tags of YAML itself that say nothing to a policy and are passed over. */
const standardTags: ReadonlySet<string> = new Set(
  [
    'str',
    'int',
    'float',
    'bool',
    'null',
    'timestamp',
    'binary',
    'seq',
    'map',
    'omap',
    'set',
    'merge',
    'value',
  ].flatMap((name) => [`!!${name}`, `!<tag:yaml.org,2002:${name}>`]),
);

/** Whether the tag, as written, is one of YAML's own. */
export function isStandardTag(written: string): boolean {
  return standardTags.has(written);
}
