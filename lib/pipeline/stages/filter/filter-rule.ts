import type { AnyMessage, MessageDirection } from '../message-subject.js';
import type { FilterOutcome } from '../../../exchange/filter/filter-outcome.js';

/** A rule as a function. */
export type FilterPredicate = (
  message: AnyMessage,
  direction: MessageDirection,
) => FilterOutcome | undefined | Promise<FilterOutcome | undefined>;

/** One rule of a chain. */
export interface FilterRule {
  check(
    message: AnyMessage,
    direction: MessageDirection,
  ): FilterOutcome | undefined | PromiseLike<FilterOutcome | undefined>;
}
