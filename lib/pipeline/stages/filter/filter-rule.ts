import type { AnyMessage, MessageDirection } from '../message-subject.js';
import type { FilterOutcome } from './filter-outcome.js';

/** One rule of a chain. */
export interface FilterRule {
  check(
    message: AnyMessage,
    direction: MessageDirection,
  ): FilterOutcome | undefined | PromiseLike<FilterOutcome | undefined>;
}
