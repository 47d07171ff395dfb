import {
  type BinaryFilterOptions,
  createBinaryFilter,
  createMessageFilter,
  createTextFilter,
  type FilterRuleOptions,
  type TextFilterOptions,
} from '../../pipeline/stages/filter/create-message-filter.js';
import type { FilterScopeOptions } from '../../pipeline/stages/filter/message-filter.stage.js';
import { type StageDecorator, stageDecorator } from './use-middleware.decorator.js';

/**
 * Drops, rejects, routes, answers or changes messages before their handlers, by a rule or a chain of rules.
 *
 * @throws {OptionError} at start-up, for options that cannot work
 *
 * @example
 * \@MessageFilter((message) => (message.event === 'heartbeat' ? { drop: 'heartbeat' } : 'pass'))
 */
export const MessageFilter: StageDecorator<
  [rules: FilterRuleOptions | readonly FilterRuleOptions[], scope?: FilterScopeOptions]
> = stageDecorator('MessageFilter', createMessageFilter);

/**
 * Finds substrings, URLs and regular expressions in the texts of messages.
 *
 * @throws {OptionError} at start-up, for options that cannot work
 *
 * @example
 * \@TextMessageFilter({ contains: ['darn'], outcome: { replace: '****' }, events: ['chat.*'] })
 */
export const TextMessageFilter: StageDecorator<[options: TextFilterOptions]> = stageDecorator(
  'TextMessageFilter',
  createTextFilter,
);

/**
 * Looks at size and first bytes of the bytes in messages, or of whole frames.
 *
 * @throws {OptionError} at start-up, for options that cannot work
 *
 * @example
 * \@BinaryMessageFilter({ maxBytes: 65_536, allow: ['png', 'jpeg'] })
 */
export const BinaryMessageFilter: StageDecorator<[options: BinaryFilterOptions]> = stageDecorator(
  'BinaryMessageFilter',
  createBinaryFilter,
);
