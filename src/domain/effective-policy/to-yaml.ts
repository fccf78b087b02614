/** Statements as a policy text. */
import {
  COLLECTION_STYLE,
  present,
  SCALAR_STYLE,
  YAML11_SCHEMA,
  type MappingNode,
  type Node,
  type ScalarNode,
  type SequenceNode,
} from 'js-yaml';
import { typeOfPlain } from '../policy/scalars.ts';
import { byTag, type Entry, type Field, type Reference } from './entries.ts';

/**
 * The text of a policy: statements by their tags, lists of words in brackets, a statement that is
 * nothing but an id on one line. It reads back as what it was written from.
 */
export function toYaml(entries: readonly Entry[]): string {
  const contents = sequence(byTag(entries).map(statement));
  return present([{ contents, explicitStart: true, directives: [] }], {
    schema: YAML11_SCHEMA,
    seqNoIndent: true,
    lineWidth: -1,
  });
}

function statement({ tag, fields }: Entry): Node {
  const [first, ...others] = fields;
  if (first?.name === 'id' && others.length === 0) return tagged(tag, first.text);
  const items = fields.map((field) => ({ key: text(field.name), value: valueOf(field) }));
  return { ...mapping(items), tag: `!${tag}`, tagged: true };
}

function valueOf(field: Field): Node {
  switch (field.name) {
    case 'id':
    case 'kind':
    case 'mime_type':
      return text(field.text);
    case 'owner':
    case 'role':
    case 'resource':
      return reference(field.reference);
    case 'members':
      return sequence(field.references.map(reference));
    case 'layers':
      return inBrackets(field.references.map(reference));
    case 'privileges':
    case 'restricted_to':
      return inBrackets(field.texts.map(text));
    case 'annotations':
      return mapping(field.pairs.map(([name, value]) => ({ key: text(name), value: text(value) })));
    case 'body':
      return sequence(byTag(field.entries).map(statement));
  }
}

function reference({ tag, id }: Reference): Node {
  return tagged(tag, id);
}

/** What follows a tag is text as it stands; only a blank one needs its quotes, for the sake of brackets. */
function tagged(tag: string, id: string): ScalarNode {
  const style = id === '' ? SCALAR_STYLE.SINGLE_QUOTED : SCALAR_STYLE.PLAIN;
  return { kind: 'scalar', tag: `!${tag}`, tagged: true, style, value: id };
}

/** Text that would not be read as text (a number, `yes`, a date) is quoted. */
function text(value: string): ScalarNode {
  const style = typeOfPlain(value) === 'String' ? SCALAR_STYLE.PLAIN : SCALAR_STYLE.SINGLE_QUOTED;
  return { kind: 'scalar', tag: 'tag:yaml.org,2002:str', tagged: false, style, value };
}

function sequence(items: Node[]): SequenceNode {
  const style = COLLECTION_STYLE.BLOCK;
  return { kind: 'sequence', tag: 'tag:yaml.org,2002:seq', tagged: false, style, items };
}

function inBrackets(items: Node[]): SequenceNode {
  return { ...sequence(items), style: COLLECTION_STYLE.FLOW };
}

function mapping(items: MappingNode['items']): MappingNode {
  const style = COLLECTION_STYLE.BLOCK;
  return { kind: 'mapping', tag: 'tag:yaml.org,2002:map', tagged: false, style, items };
}
