import type { Tag } from './tags.ts';

/** What an attribute means, whichever way it is spelled. */
export type Attribute =
  | 'id'
  | 'account'
  | 'kind'
  | 'mimeType'
  | 'uidnumber'
  | 'gidnumber'
  | 'owner'
  | 'annotations'
  | 'body'
  | 'publicKeys'
  | 'restrictedTo'
  | 'layers'
  | 'roles'
  | 'members'
  | 'privileges'
  | 'resources'
  | 'record'
  | 'unusedRole'
  | 'memberRole'
  | 'admin'
  | 'targetRole'
  | 'roleName';

/** Spelling → attribute. Attributes that take a list have a singular and a plural spelling. */
type Fields = Readonly<Record<string, Attribute>>;

const named: Fields = { id: 'id', account: 'account' };
const common: Fields = { ...named, owner: 'owner', annotations: 'annotations' };
const login: Fields = { ...common, restricted_to: 'restrictedTo', restricted_tos: 'restrictedTo' };
const pair: Fields = { role: 'roles', roles: 'roles', member: 'members', members: 'members' };
const triple: Fields = {
  role: 'roles',
  roles: 'roles',
  privilege: 'privileges',
  privileges: 'privileges',
  resource: 'resources',
  resources: 'resources',
};

const fieldsByTag: Readonly<Record<Tag, Fields>> = {
  policy: { ...common, body: 'body' },
  user: { ...login, uidnumber: 'uidnumber', public_key: 'publicKeys', public_keys: 'publicKeys' },
  host: login,
  group: { ...common, gidnumber: 'gidnumber' },
  layer: common,
  variable: { ...common, kind: 'kind', mime_type: 'mimeType' },
  webservice: common,
  'host-factory': { ...common, layer: 'layers', layers: 'layers', role: 'unusedRole' },
  role: { ...named, kind: 'kind' },
  resource: { ...common, kind: 'kind' },
  grant: pair,
  revoke: pair,
  permit: triple,
  deny: triple,
  delete: { record: 'record' },
  member: { role: 'memberRole', admin: 'admin' },
  'automatic-role': { record: 'targetRole', role_name: 'roleName' },
};

const maps = new Map(
  Object.entries(fieldsByTag).map(([tag, fields]): [string, ReadonlyMap<string, Attribute>] => [
    tag,
    new Map(Object.entries(fields)),
  ]),
);
const noFields: ReadonlyMap<string, Attribute> = new Map();

/** The attributes that a tag takes, by each of their spellings. */
export function fieldsOf(tag: Tag): ReadonlyMap<string, Attribute> {
  return maps.get(tag) ?? noFields;
}
