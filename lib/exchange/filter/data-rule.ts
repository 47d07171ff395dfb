import type { FilterOutcome } from './filter-outcome.js';

/** A rule that looks at the data of messages, and at nothing else of them. */
export interface DataRule {
  /** What it says about data; undefined: nothing. With `replace` comes the whole data, with something else where the rule has found something. */
  check(data: unknown): FilterOutcome | undefined;
}
