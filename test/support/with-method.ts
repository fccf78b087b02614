/**
 * The same object, but one method does something else.
 * @param instead what the method does; the object itself still has its own
 */
export function withMethod<Target extends object>(
  target: Target,
  method: keyof Target,
  instead: (...args: never[]) => unknown,
): Target {
  return new Proxy(target, {
    get(found, name) {
      if (name === method) return instead;
      const member: unknown = Reflect.get(found, name);
      return typeof member === 'function' ? (member.bind(found) as unknown) : member;
    },
  });
}
