import type { FilterDirection, FilteredMessage, FilterOutcome } from './filter-outcome.js';

/** One rule of a chain. */
export interface FilterRule {
  check(
    message: FilteredMessage,
    direction: FilterDirection,
  ): FilterOutcome | undefined | PromiseLike<FilterOutcome | undefined>;
}
