/** Policy statements as they are written out. */

/** A tag with an id: relative to the policy that the statement stands in, absolute with a `/`, or blank for that policy. */
export interface Reference {
  readonly tag: string;
  readonly id: string;
}

/** One attribute of a statement. Each has the one form in which it is written. */
export type Field =
  | { readonly name: 'id' | 'kind' | 'mime_type'; readonly text: string }
  | { readonly name: 'owner' | 'role' | 'resource'; readonly reference: Reference }
  | { readonly name: 'members' | 'layers'; readonly references: readonly Reference[] }
  | { readonly name: 'privileges' | 'restricted_to'; readonly texts: readonly string[] }
  | { readonly name: 'annotations'; readonly pairs: readonly (readonly [name: string, value: string])[] }
  | { readonly name: 'body'; readonly entries: readonly Entry[] };

/** A statement: its tag, and its attributes in order. */
export interface Entry {
  readonly tag: string;
  readonly fields: readonly Field[];
}

const order = [
  'user',
  'policy',
  'variable',
  'webservice',
  'host',
  'layer',
  'host-factory',
  'group',
  'grant',
  'permit',
];

/** Entries by their tags; those of one tag stay in their order. */
export function byTag(entries: readonly Entry[]): readonly Entry[] {
  return entries.toSorted((one, other) => order.indexOf(one.tag) - order.indexOf(other.tag));
}
