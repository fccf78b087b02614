import { excerpt } from './invalid.ts';
import { fieldsOf } from './fields.ts';
import { statementTags, tagNamed, type Tag } from './tags.ts';

/** The tags that a statement may have, for messages. */
const tagList = statementTags.map((tag) => `!${tag}`).join(', ');

/** How to write a tag that is not known. */
export function adviseTag(text: string, offset: number, written: string): string {
  if (written === '!') {
    const word = /^!\s+([\w-]+)/.exec(text.slice(offset, offset + 80))?.[1];
    if (word !== undefined && tagNamed(word) !== undefined) return `Leave out the blank: write !${word}`;
  }
  if (written.endsWith(':') && tagNamed(written.slice(1, -1)) !== undefined) {
    return `Leave out the colon: write ${written.slice(0, -1)} and the id behind it`;
  }
  if (written === '!include') return 'A policy cannot include files; load them one by one';
  return `Write one of ${tagList}`;
}

/** What to write instead of a scalar that stands where a statement should. */
export function adviseStatement(text: string): string {
  const word = /^(-?!?)([\w-]+)(.*)$/s.exec(text.slice(0, 200));
  const rest = excerpt(word?.[3]?.split(' - ')[0] ?? '').trimEnd();
  if (word?.[1] === '-!') return `Leave a blank behind the dash: write '- !${word[2] ?? ''}${rest}'`;
  if (word?.[2] !== undefined && tagNamed(word[2]) !== undefined) {
    return `The type needs an exclamation mark: write '- !${word[2]}${rest}'`;
  }
  if (/[\u00a0\u2000-\u200b\u3000]/.test(text.slice(0, 200)))
    return 'Replace no-break and other special blanks by plain spaces';
  return "A policy is a list of statements, each with a tag, such as '- !user alice'";
}

/** What to do about an attribute that the tag does not have. */
export function adviseAttribute(tag: Tag, name: string): string {
  if (name === '<<')
    return "Merge keys mean nothing here; repeat the attributes, or use an alias as an attribute's value";
  const fields = fieldsOf(tag);
  if (name === 'description' && fields.has('annotations')) {
    return "Put it one level deeper, below 'annotations:', of the record that it describes";
  }
  if (name.includes(':')) return "Leave a blank behind the colon: write 'name: value'";
  if (fields.has(name.toLowerCase())) return `Write it in lower case: '${name.toLowerCase()}'`;
  if (name === 'records') return "Delete one record by statement: '- !delete' with 'record: !variable x'";
  return `Its attributes are ${[...fields.keys()].join(', ')}`;
}

/** How to write a value that must be text and is something else. */
export function adviseText(field: string, got: string, text: string): string {
  switch (got) {
    case 'Array':
      return `'${field}' takes one value, not a list`;
    case 'Hash':
      return 'Quote a text that begins with a brace; there are no templates, so fill in {{ x }} before the load';
    case 'Integer':
    case 'Float':
    case 'TrueClass':
    case 'FalseClass':
    case 'Date':
    case 'Time':
      return `Quote it: ${field}: "${excerpt(text)}"`;
    default:
      return 'Write the text alone, without a tag';
  }
}
