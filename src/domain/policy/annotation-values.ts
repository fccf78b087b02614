import { resolvedDots } from './identifiers.ts';
import { excerpt, invalid } from './invalid.ts';
import type { AnnotationNode } from './statements.ts';

const relativePath = /^[^\s/:?#\\]+(?:\/[^\s/:?#\\]+)*$/;

/**
 * Annotations as they are stored: a value that is a relative path with `..` in it is taken to
 * name something near the record, and becomes its path from the root. Anything else (an address,
 * a sentence) stays as it is.
 */
export function storedAnnotations(
  annotations: readonly AnnotationNode[],
  recordPath: string,
): readonly AnnotationNode[] {
  if (!annotations.some(isRelative)) return annotations;
  return annotations.map((annotation) => {
    if (!isRelative(annotation)) return annotation;
    const value = resolvedDots(`${recordPath}/${annotation.value}`);
    if (value !== undefined) return { ...annotation, value };
    throw invalid(
      annotation.at,
      `Invalid relative reference: ${excerpt(`${recordPath}/${annotation.value}`)}`,
      "The value of the annotation has more '..' than there are policies around it",
    );
  });
}

function isRelative({ value }: AnnotationNode): boolean {
  return value.includes('..') && value.split('/').includes('..') && relativePath.test(value);
}
