import { OptionError } from '../../../primitives/option-error.js';
import type { GatewayMiddleware, StageHost } from '../../middleware.js';
import { BinaryFrameFilterStage } from './binary-frame-filter.stage.js';
import { BinaryRule, type BinaryRuleOptions } from './binary-rule.js';
import type { FilterPredicate } from './filter-outcome.js';
import type { FilterRule } from './filter-rule.js';
import { type FilterScopeOptions, MessageFilterStage } from './message-filter.stage.js';
import { TextRule, type TextRuleOptions } from './text-rule.js';

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
  return new MessageFilterStage([new TextRule(options)], options, host);
}

/** @throws {OptionError} */
export function createBinaryFilter(host: StageHost, options: BinaryFilterOptions): GatewayMiddleware {
  const { examine = 'fields' } = options;
  if (!['fields', 'frames'].includes(examine))
    throw new OptionError('examine', "'fields' or 'frames'", examine);
  const rule = new BinaryRule(options);
  return examine === 'frames'
    ? new BinaryFrameFilterStage(rule, host)
    : new MessageFilterStage([rule], options, host);
}

function createRule(rule: FilterRuleOptions): FilterRule {
  if (typeof rule === 'function') return { check: rule };
  if ('text' in rule) return new TextRule(rule.text);
  if ('binary' in rule) return new BinaryRule(rule.binary);
  throw new OptionError('rules', 'functions, { text } or { binary }', rule);
}
