/** One place in which two values differ. */
export interface PathDifference {
  /** From the message: `data.total`, `error.code`. */
  readonly path: string;
  /** As recorded; absent: nothing is there. */
  readonly expected?: unknown;
  readonly actual?: unknown;
}

/** Two pieces of JSON are walked side by side; what they differ in is told, up to `most` places. */
export function valueDifferences(expected: unknown, actual: unknown, most: number): PathDifference[] {
  const found: PathDifference[] = [];
  const walk = (left: unknown, right: unknown, path: string): void => {
    if (found.length >= most || Object.is(left, right)) return;
    if (!isContainer(left) || !isContainer(right) || Array.isArray(left) !== Array.isArray(right)) {
      found.push({
        path,
        ...(left === undefined ? {} : { expected: left }),
        ...(right === undefined ? {} : { actual: right }),
      });
      return;
    }
    for (const name of new Set([...Object.keys(left), ...Object.keys(right)]))
      walk(left[name], right[name], path === '' ? name : `${path}.${name}`);
  };
  walk(expected, actual, '');
  return found;
}

/** JSON whose text is the same whenever the value is: members in the order of their names. */
export function canonicalText(value: unknown): string {
  return JSON.stringify(value, (_name, item: unknown) =>
    isContainer(item) && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );
}

function isContainer(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
