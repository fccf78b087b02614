/** What is legal in a policy and yet probably not what was meant. */
import type { Identity } from './identifiers.ts';
import { excerpt } from './invalid.ts';
import type { RecordNode } from './statements.ts';

/** Annotation names that were probably meant as attributes. */
const attributeNames: ReadonlySet<string> = new Set([
  'id',
  'owner',
  'body',
  'user',
  'annotations',
  'restricted_to',
  'permit',
  'deny',
  'role',
  'privileges',
  'resource',
  'grant',
  'revoke',
  'member',
  'host-factory',
  'layers',
  'layer',
  'variable',
  'kind',
  'mime_type',
  'delete',
  'record',
  'group',
  'host',
  'webservice',
]);

/** The warning about an annotation that looks like an attribute; undefined for any other. */
function annotationWarning(name: string): string | undefined {
  if (!attributeNames.has(name)) return undefined;
  return (
    `Annotation '${name}' matches a known policy attribute. This annotation will not be treated as a standard ` +
    'attribute and may not have the intended effect.'
  );
}

/** How many warnings one text may cause; the rest would be more of the same. */
const maxWarnings = 100;

/** Adds what is odd about a definition. */
export function addWarnings(
  warnings: Set<string>,
  node: RecordNode,
  identity: Identity,
  followed: boolean,
): void {
  if (warnings.size >= maxWarnings) return;
  for (const { name } of node.annotations) {
    const warning = annotationWarning(name);
    if (warning !== undefined) warnings.add(warning);
  }
  if (node.bodyLeftEmpty && followed) warnings.add(emptyBodyWarning(node, identity));
  if (node.id?.includes('<') === true && /<[^<>]*>/.test(node.id)) {
    warnings.add(
      `The id '${excerpt(node.id)}' (line ${node.at.line}) contains what looks like a placeholder.`,
    );
  }
}

function emptyBodyWarning({ at }: RecordNode, { identifier }: Identity): string {
  return (
    `Policy '${excerpt(identifier)}' (line ${at.line}) has nothing below 'body:'. What follows at the column of its ` +
    "dash is outside of the policy; indent it at least as deep as 'body:' to put it inside."
  );
}

/** Adds what is odd about privileges: a list without brackets is one privilege with commas in its name. */
export function addPrivilegeWarnings(warnings: Set<string>, privileges: readonly string[]): void {
  for (const privilege of privileges) {
    if (!privilege.includes(',') || warnings.size >= maxWarnings) continue;
    const list = excerpt(privilege);
    warnings.add(
      `Privilege '${list}' is one privilege with a comma in its name. For several, write [ ${list} ].`,
    );
  }
}
