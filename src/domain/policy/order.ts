import type { Declaration } from './declarations.ts';
import { invalid } from './invalid.ts';
import type { Definition } from './statements.ts';

/**
 * Definitions in an order in which each follows its owner and its layers, as far as these are
 * defined in the same text; otherwise in textual order.
 * @throws LatchkeyError `POLICY_INVALID`: records that own each other in a circle. A role may own itself.
 */
export function ordered(declarations: readonly Declaration[]): readonly Definition[] {
  refuseCycles(declarations);
  const result: Definition[] = [];
  for (const declaration of declarations) {
    if (!declaration.entered) place(declaration, result);
  }
  return result;
}

/** A declaration on the way to being placed, and which of its dependencies comes next. */
interface Waiting {
  readonly declaration: Declaration;
  next: number;
}

/** Places a declaration behind what it depends on. Not recursive: chains may be long. */
function place(first: Declaration, result: Definition[]): void {
  first.entered = true;
  const path: Waiting[] = [{ declaration: first, next: 0 }];
  for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
    const { declaration } = top;
    if (top.next > declaration.layers.length) {
      path.pop();
      result.push(declaration.definition);
      continue;
    }
    const dependency = (top.next === 0 ? declaration.owner : declaration.layers[top.next - 1])?.role;
    top.next++;
    if (dependency === undefined || dependency.entered) continue;
    dependency.entered = true;
    path.push({ declaration: dependency, next: 0 });
  }
}

/** Every record has one owner, so a walk from owner to owner either ends or comes round. */
function refuseCycles(declarations: readonly Declaration[]): void {
  for (const [walk, first] of declarations.entries()) {
    let current: Declaration | undefined = first;
    while (current !== undefined && current.walk === undefined) {
      current.walk = walk;
      current = ownerOf(current);
    }
    if (current?.walk === walk) throw cycleAt(current);
  }
}

/** The record that owns a record, if it is another one. The implied policy keeps the owner that it has. */
function ownerOf({ definition, owner }: Declaration): Declaration | undefined {
  const { hasResource, implied, id } = definition;
  return hasResource && !implied && owner.id !== id ? owner.resource : undefined;
}

function cycleAt(first: Declaration): Error {
  const names: string[] = [];
  for (let current: Declaration | undefined = first; current !== undefined; current = ownerOf(current)) {
    if ((current === first && names.length > 0) || names.length === 5) break;
    names.push(nameOf(current.definition));
  }
  const last = names.pop() ?? '';
  return invalid(
    first.definition.at,
    `Dependency cycle encountered between ${names.join(', ')} and ${last}`,
    'Give one of them an owner outside of the circle',
  );
}

function nameOf({ kind, id }: Definition): string {
  return `${kind} '${id.slice(id.indexOf(':', id.indexOf(':') + 1) + 1)}'`;
}
