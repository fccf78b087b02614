/** Statements as JSON: an array of objects, each with its tag for the one key. */
import { byTag, type Entry, type Field, type Reference } from './entries.ts';

/** Top-level statements are put in the order of their tags; in bodies they stay as they are, as in Conjur. */
export function toJsonValue(entries: readonly Entry[]): unknown {
  return byTag(entries).map(statement);
}

function statement({ tag, fields }: Entry): unknown {
  return { [tag]: Object.fromEntries(fields.map((field) => [field.name, valueOf(field)])) };
}

function valueOf(field: Field): unknown {
  switch (field.name) {
    case 'id':
    case 'kind':
    case 'mime_type':
      return field.text;
    case 'owner':
    case 'role':
    case 'resource':
      return reference(field.reference);
    case 'members':
    case 'layers':
      return field.references.map(reference);
    case 'privileges':
    case 'restricted_to':
      return field.texts;
    case 'annotations':
      return Object.fromEntries(field.pairs);
    case 'body':
      return field.entries.map(statement);
  }
}

function reference({ tag, id }: Reference): unknown {
  return { [tag]: id };
}
