import { OptionError } from '../../../primitives/option-error.js';
import type { GatewayMiddleware, StageHost } from '../../middleware.js';
import { BinaryFrameFilterStage } from './binary-frame-filter.stage.js';
import { BinaryRule, type BinaryRuleOptions } from '../../../exchange/filter/binary-rule.js';
import type { FilterPredicate, FilterRule } from './filter-rule.js';
import { type FilterScopeOptions, MessageFilterStage } from './message-filter.stage.js';
import { TextRule, type TextRuleOptions } from '../../../exchange/filter/text-rule.js';
import { SubjectRule } from './subject-rule.js';

/** A rule of a chain: a function, or what to look for in texts or bytes. */
export type FilterRuleOptions =
  FilterPredicate | { readonly text: TextRuleOptions } | { readonly binary: BinaryRuleOptions };

/** Options of `TextMessageFilter`. */
export interface TextFilterOptions extends TextRuleOptions, FilterScopeOptions {}

/** Options of `BinaryMessageFilter`. */
export interface BinaryFilterOptions extends BinaryRuleOptions, FilterScopeOptions {
  /**
   * `'fields'`: the bytes in the data of messages. `'frames'`: whole binary frames before they are decoded, for endpoints
   * with a raw codec or a parser of their own; then `events`, `direction` and `fields` say nothing. @default 'fields'
   */
  readonly examine?: 'fields' | 'frames';
}

/** One rule, or a chain of them. @throws {OptionError} */
export function createMessageFilter(
  host: StageHost,
  rules: FilterRuleOptions | readonly FilterRuleOptions[],
  scope: FilterScopeOptions = {},
): GatewayMiddleware {
  const chain = Array.isArray(rules) ? (rules as readonly FilterRuleOptions[]) : [rules as FilterRuleOptions];
  return new MessageFilterStage(chain.map(createRule), scope, host);
}

/** @throws {OptionError} */
export function createTextFilter(host: StageHost, options: TextFilterOptions): GatewayMiddleware {
  return new MessageFilterStage([new SubjectRule(new TextRule(options))], options, host);
}

/** @throws {OptionError} */
export function createBinaryFilter(host: StageHost, options: BinaryFilterOptions): GatewayMiddleware {
  const { examine = 'fields' } = options;
  if (!['fields', 'frames'].includes(examine))
    throw new OptionError('examine', "'fields' or 'frames'", examine);
  const rule = new BinaryRule(options);
  return examine === 'frames'
    ? new BinaryFrameFilterStage(rule, host)
    : new MessageFilterStage([new SubjectRule(rule)], options, host);
}

function createRule(rule: FilterRuleOptions): FilterRule {
  if (typeof rule === 'function') return { check: rule };
  if ('text' in rule) return new SubjectRule(new TextRule(rule.text));
  if ('binary' in rule) return new SubjectRule(new BinaryRule(rule.binary));
  throw new OptionError('rules', 'functions, { text } or { binary }', rule);
}
