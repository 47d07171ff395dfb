import { OptionError } from '../../primitives/option-error.js';
import { ErrorCode } from '../../protocol/error-code.js';
import { DataPaths } from '../data/data-path.js';
import { type LeafVisitor, walkLeaves } from '../data/leaf-walk.js';
import type { DataRule } from './data-rule.js';
import { filteredOut, type FilterOutcome, type FinalOutcome, type RejectOutcome } from './filter-outcome.js';
import { type LinearEngine, PatternMatcher } from './pattern-matcher.js';
import { SubstringMatcher } from './substring-matcher.js';
import { resolveTextLimits, TextBudget, type TextLimitOptions, type TextLimits } from './text-budget.js';
import { replaceRanges, type TextMatcher } from './text-matcher.js';
import { UrlMatcher } from './url-matcher.js';

/** What becomes of a message with a text that was found: the whole of it ends, or the found text is replaced. */
export type TextOutcome = FinalOutcome | { readonly replace: string | ((found: string) => string) };

/** What is looked for in the texts of a message, and what happens when it is there. */
export interface TextRuleOptions {
  /** Substrings. */
  readonly contains?: string | readonly string[];
  /** Whether `contains` finds them in any case. @default true */
  readonly ignoreCase?: boolean;
  /**
   * Blocked hosts (`evil.com`, with all sub-domains) and URLs (`evil.com/path`, with all that begins so). Found bare, in
   * links and in queries; case, percent-encoding, punycode, odd dots and odd spellings of addresses make no difference.
   */
  readonly urls?: readonly string[];
  /** Regular expressions; of a `RegExp` the flags `i`, `m` and `s` count. They need `engine`. */
  readonly patterns?: string | RegExp | readonly (string | RegExp)[];
  /** What runs `patterns`: `RE2JS` of the package `re2js`. */
  readonly engine?: LinearEngine;
  /** Paths of the texts that are examined: `text`, `lines.*.body`, `**.comment`. @default every string in the data */
  readonly fields?: readonly string[];
  /** @default { reject: 'FILTERED' } */
  readonly outcome?: TextOutcome;
  /** How much is examined; a message with more is rejected with `PAYLOAD_TOO_LARGE`. */
  readonly limits?: TextLimitOptions;
}

/** Looks for texts in the data of messages. */
export class TextRule implements DataRule {
  readonly matchers: readonly TextMatcher[];
  readonly limits: TextLimits;
  readonly outcome: TextOutcome;
  readonly #fields: DataPaths | undefined;
  readonly #tooMuch: RejectOutcome;

  /** @throws {OptionError} */
  constructor(options: TextRuleOptions) {
    this.matchers = createMatchers(options);
    this.limits = resolveTextLimits('limits', options.limits);
    this.outcome = options.outcome ?? { reject: ErrorCode.Filtered, message: filteredOut };
    this.#fields = options.fields && new DataPaths('fields', options.fields);
    this.#tooMuch = {
      reject: ErrorCode.PayloadTooLarge,
      message: 'the message holds more text than its filter examines',
      details: { strings: finite(this.limits.strings), characters: finite(this.limits.characters) },
    };
  }

  check(data: unknown): FilterOutcome | undefined {
    const search = new TextSearch(this);
    const replaced = walkLeaves(data, this.#fields, search);
    if (search.isTooMuch) return this.#tooMuch;
    if (search.hasFound) return this.outcome;
    return replaced === data ? undefined : { replace: replaced };
  }
}

/** The way of a rule through one message. */
class TextSearch implements LeafVisitor {
  readonly #rule: TextRule;
  readonly #budget: TextBudget;
  hasFound = false;

  constructor(rule: TextRule) {
    this.#rule = rule;
    this.#budget = new TextBudget(rule.limits);
  }

  get isTooMuch(): boolean {
    return this.#budget.isExceeded;
  }

  get isDone(): boolean {
    return this.hasFound || this.#budget.isExceeded;
  }

  tooDeep(): void {
    this.#budget.exceed();
  }

  leaf(value: unknown): unknown {
    if (typeof value !== 'string' || !this.#budget.takeText(value.length)) return value;
    const { outcome, matchers } = this.#rule;
    if ('replace' in outcome) {
      let text = value;
      for (const matcher of matchers)
        text = replaceRanges(text, matcher.ranges(text, this.#budget), outcome.replace);
      return text;
    }
    if (matchers.some((matcher) => matcher.has(value, this.#budget))) this.hasFound = true;
    return value;
  }
}

function createMatchers({
  contains,
  ignoreCase = true,
  urls,
  patterns,
  engine,
}: TextRuleOptions): TextMatcher[] {
  const matchers: TextMatcher[] = [];
  if (contains !== undefined) matchers.push(new SubstringMatcher('contains', toList(contains), ignoreCase));
  if (urls !== undefined) matchers.push(new UrlMatcher('urls', urls));
  if (patterns !== undefined) matchers.push(new PatternMatcher('patterns', toList(patterns), engine));
  const isEmpty = [contains, urls, patterns].some((list) => Array.isArray(list) && list.length === 0);
  if (matchers.length === 0 || isEmpty)
    throw new OptionError(
      'TextMessageFilter',
      'something to look for: contains, urls or patterns',
      isEmpty ? '[]' : 'none',
    );
  return matchers;
}

function toList<Item>(given: Item | readonly Item[]): readonly Item[] {
  return Array.isArray(given) ? (given as readonly Item[]) : [given as Item];
}

/** JSON has no infinity. */
function finite(limit: number): number | undefined {
  return limit === Infinity ? undefined : limit;
}
