/** Whether two values are alike in every respect: classes, order of keys, `-0`, invalid dates. */
export function isSameValue(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  if (a instanceof Date) return Object.is(a.getTime(), (b as Date).getTime());
  const keys = Reflect.ownKeys(a);
  const others = Reflect.ownKeys(b);
  return (
    keys.length === others.length &&
    keys.every((key, index) => key === others[index] && isSameValue(valueOf(a, key), valueOf(b, key)))
  );
}

function valueOf(object: object, key: string | symbol): unknown {
  return (object as Record<string | symbol, unknown>)[key];
}
