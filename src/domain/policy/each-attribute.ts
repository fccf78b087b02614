import { adviseAttribute } from './advice.ts';
import { positionOf, type NodeIndex } from './events.ts';
import { fieldsOf, type Attribute } from './fields.ts';
import { excerpt, invalid } from './invalid.ts';
import { refuseKeyBehindItem, resolveAlias, storedText, type Reading } from './nodes.ts';
import { classNameOf, type Tag } from './tags.ts';
import { plainScalarAt } from './values.ts';

/** The attributes of a mapping in order. A spelling may occur once; unknown ones are refused. */
export function forEachAttribute(
  reading: Reading,
  node: NodeIndex,
  tag: Tag,
  visit: (attribute: Attribute, value: NodeIndex, key: NodeIndex) => void,
): void {
  const fields = fieldsOf(tag);
  const seen: string[] = [];
  const { ends } = reading.tree;
  const end = (ends[node] ?? 0) - 1;
  let value: NodeIndex;
  for (let child = node + 1; child < end; child = ends[value] ?? end) {
    refuseKeyBehindItem(reading.tree, node, child);
    const key = resolveAlias(reading, child);
    value = ends[child] ?? end;
    const name = attributeName(reading, key, tag);
    const attribute = fields.get(name);
    if (attribute === undefined) {
      throw invalid(
        positionOf(reading.tree, key),
        `No such attribute '${excerpt(name)}' on type ${classNameOf(tag)}`,
        adviseAttribute(tag, name),
      );
    }
    if (seen.includes(name)) {
      throw invalid(
        positionOf(reading.tree, key),
        `Duplicate attribute: ${name}`,
        'Write each attribute once',
      );
    }
    seen.push(name);
    visit(attribute, value, key);
  }
}

function attributeName(reading: Reading, key: NodeIndex, tag: Tag): string {
  const event = plainScalarAt(reading.tree, key);
  if (event !== undefined) return storedText(reading.tree, event);
  throw invalid(
    positionOf(reading.tree, key),
    `The name of an attribute of type ${classNameOf(tag)} must be text without a tag`,
    "Write 'name: value'",
  );
}
