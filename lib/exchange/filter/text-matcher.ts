import type { TextBudget } from './text-budget.js';

/** From the first character to the one behind the last. */
export interface TextRange {
  readonly from: number;
  readonly to: number;
}

/** Finds what it was made for in a text, in time linear to the text's length. */
export interface TextMatcher {
  /** Whether it is there. Gives up, with the budget exceeded, where that cannot be afforded. */
  has(text: string, budget: TextBudget): boolean;
  /** Where it is: in order, without overlaps. */
  ranges(text: string, budget: TextBudget): TextRange[];
}

/** Ranges in order, those that overlap as one. */
export function mergeRanges(ranges: TextRange[]): TextRange[] {
  ranges.sort((a, b) => a.from - b.from || b.to - a.to);
  const result: TextRange[] = [];
  for (const range of ranges) {
    const last = result.at(-1);
    if (last === undefined || range.from >= last.to) result.push(range);
    else if (range.to > last.to) result[result.length - 1] = { from: last.from, to: range.to };
  }
  return result;
}

/** Puts something in the place of each range. */
export function replaceRanges(
  text: string,
  ranges: readonly TextRange[],
  replacement: string | ((found: string) => string),
): string {
  if (ranges.length === 0) return text;
  let result = '';
  let end = 0;
  for (const { from, to } of ranges) {
    result += text.slice(end, from);
    result += typeof replacement === 'string' ? replacement : replacement(text.slice(from, to));
    end = to;
  }
  return result + text.slice(end);
}
