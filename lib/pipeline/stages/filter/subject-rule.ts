import type { DataRule } from '../../../exchange/filter/data-rule.js';
import type { FilterOutcome } from '../../../exchange/filter/filter-outcome.js';
import { type AnyMessage, type MessageDirection, subjectData, withSubjectData } from '../message-subject.js';
import type { FilterRule } from './filter-rule.js';

/** A rule about data, for messages: it looks at what they are about. */
export class SubjectRule implements FilterRule {
  readonly #rule: DataRule;

  constructor(rule: DataRule) {
    this.#rule = rule;
  }

  check(message: AnyMessage, direction: MessageDirection): FilterOutcome | undefined {
    const outcome = this.#rule.check(subjectData(message, direction));
    if (typeof outcome !== 'object' || !('replace' in outcome)) return outcome;
    return { replace: withSubjectData(message, direction, outcome.replace) };
  }
}
