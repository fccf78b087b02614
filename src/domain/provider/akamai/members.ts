/** Changing the members of objects. */
import type { Body } from './fields.ts';

/** A JSON merge patch (RFC 7396): members replace those of the target, null removes them. */
export function mergePatch(target: Body, patch: Body): Body {
  const merged = new Map(Object.entries(target));
  for (const [name, value] of Object.entries(patch)) {
    const before = merged.get(name);
    if (value === null) merged.delete(name);
    else merged.set(name, isObject(value) ? mergePatch(isObject(before) ? before : {}, value) : value);
  }
  return Object.fromEntries(merged);
}

function isObject(value: unknown): value is Body {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An object as it is without one of its members. */
export function withoutMember<T extends object, K extends keyof T>(object: T, name: K): Omit<T, K> {
  return Object.fromEntries(Object.entries(object).filter(([each]) => each !== name)) as Omit<T, K>;
}
