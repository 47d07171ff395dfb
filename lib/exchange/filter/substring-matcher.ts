import { OptionError } from '../../primitives/option-error.js';
import { mergeRanges, type TextMatcher, type TextRange } from './text-matcher.js';

/** Finds substrings, in any case or in the very one. */
export class SubstringMatcher implements TextMatcher {
  readonly #needles: readonly string[];
  readonly #ignoreCase: boolean;

  /** @throws {OptionError} for an empty substring, which is everywhere */
  constructor(option: string, needles: readonly string[], ignoreCase: boolean) {
    for (const needle of needles) {
      if (typeof needle !== 'string' || needle === '')
        throw new OptionError(option, 'strings with a character at least', needle);
    }
    this.#ignoreCase = ignoreCase;
    this.#needles = ignoreCase ? needles.map(foldCase) : needles;
  }

  has(text: string): boolean {
    const folded = this.#ignoreCase ? foldCase(text) : text;
    return this.#needles.some((needle) => folded.includes(needle));
  }

  ranges(text: string): TextRange[] {
    const folded = this.#ignoreCase ? foldCase(text) : text;
    const found: TextRange[] = [];
    for (const needle of this.#needles) {
      for (let at = folded.indexOf(needle); at !== -1; at = folded.indexOf(needle, at + needle.length))
        found.push({ from: at, to: at + needle.length });
    }
    return this.#needles.length === 1 ? found : mergeRanges(found);
  }
}

/** Lower case of the same length, so that what is found in it is at the same place in the text. */
function foldCase(text: string): string {
  let folded = text.toLowerCase();
  if (folded.length !== text.length) {
    folded = '';
    for (const character of text) {
      const lower = character.toLowerCase();
      folded += lower.length === character.length ? lower : character;
    }
  }
  // At the end of a word, and only there, a Greek sigma has another lower case.
  return folded.includes('ς') ? folded.replaceAll('ς', 'σ') : folded;
}
