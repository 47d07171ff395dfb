/** Named totals that only grow. A plain object with fixed keys: adding one is a property write. */
export type Counters<Name extends string> = Record<Name, number>;

/** All of them at zero. */
export function createCounters<Name extends string>(names: readonly Name[]): Counters<Name> {
  const counters = {} as Counters<Name>;
  for (const name of names) counters[name] = 0;
  return counters;
}
