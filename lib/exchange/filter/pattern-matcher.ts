import { OptionError } from '../../primitives/option-error.js';
import type { TextBudget } from './text-budget.js';
import { mergeRanges, type TextMatcher, type TextRange } from './text-matcher.js';

/** What is used of a compiled pattern. */
export interface LinearPattern {
  test(text: string): boolean;
  matcher(text: string): { find(): boolean; start(): number; end(): number };
}

/**
 * An engine for regular expressions whose time is linear in the length of the text: `RE2JS` of the package `re2js`. It
 * MUST NOT backtrack: with JavaScript's own engine one message could hang the server.
 */
export interface LinearEngine {
  /** Throws for what it does not know, such as lookarounds and backreferences. */
  compile(pattern: string): LinearPattern;
  /** Rewrites what JavaScript spells in its own way (`\/`, `\u{…}`, named groups). */
  translateRegExp?(pattern: string): string;
}

/** Flags that both worlds know; `g`, `y`, `u` and `d` change nothing about whether something is there. */
const inlineFlags = ['i', 'm', 's'];

/** Finds regular expressions. */
export class PatternMatcher implements TextMatcher {
  readonly #patterns: readonly LinearPattern[];

  /** @throws {OptionError} without an engine, and for a pattern that it refuses */
  constructor(option: string, patterns: readonly (string | RegExp)[], engine: LinearEngine | undefined) {
    if (typeof engine?.compile !== 'function') {
      throw new OptionError(
        'engine',
        'a linear-time engine, as `patterns` need one: npm install re2js, then engine: RE2JS of it',
        engine,
      );
    }
    this.#patterns = patterns.map((pattern) => compile(option, pattern, engine));
  }

  has(text: string): boolean {
    return this.#patterns.some((pattern) => pattern.test(text));
  }

  ranges(text: string, budget: TextBudget): TextRange[] {
    const found: TextRange[] = [];
    for (const pattern of this.#patterns) {
      // Its automaton is several times faster than what finds the places.
      if (pattern.test(text)) this.#find(pattern, text, budget, found);
    }
    return this.#patterns.length === 1 ? found : mergeRanges(found);
  }

  #find(pattern: LinearPattern, text: string, budget: TextBudget, found: TextRange[]): void {
    const matcher = pattern.matcher(text);
    while (matcher.find() && budget.takeMatch()) {
      const range = { from: matcher.start(), to: matcher.end() };
      if (range.to > range.from) found.push(range);
    }
  }
}

function compile(option: string, pattern: string | RegExp, engine: LinearEngine): LinearPattern {
  const source = typeof pattern === 'string' ? pattern : pattern.source;
  const asked = typeof pattern === 'string' ? [] : inlineFlags.filter((flag) => pattern.flags.includes(flag));
  try {
    const translated = engine.translateRegExp?.(source) ?? source;
    return engine.compile(asked.length === 0 ? translated : `(?${asked.join('')})${translated}`);
  } catch (error) {
    throw new OptionError(
      option,
      `a pattern that the linear-time engine understands (${error instanceof Error ? error.message : String(error)})`,
      source,
    );
  }
}
