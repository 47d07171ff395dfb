import { limit } from '../../primitives/option-checks.js';

/** How much of a message a text filter examines. A message with more is refused: what nobody has examined must not pass. */
export interface TextLimitOptions {
  /** Strings of one message. @default 1_000 */
  readonly strings?: number | false;
  /** Characters (UTF-16 units) of them together. @default 65_536 */
  readonly characters?: number | false;
  /** Words that only a URL parser can make out: percent-encoded, international, not in canonical form. @default 1_000 */
  readonly links?: number | false;
  /** Matches of a pattern that are replaced. Each search for one more is linear; together they are not. @default 100 */
  readonly matches?: number | false;
}

export type TextLimits = Readonly<Record<keyof TextLimitOptions, number>>;

/** @throws {OptionError} */
export function resolveTextLimits(option: string, input: TextLimitOptions = {}): TextLimits {
  return {
    strings: limit(`${option}.strings`, input.strings ?? 1_000),
    characters: limit(`${option}.characters`, input.characters ?? 65_536),
    links: limit(`${option}.links`, input.links ?? 1_000),
    matches: limit(`${option}.matches`, input.matches ?? 100),
  };
}

/** What is left of the limits for one message. */
export class TextBudget {
  readonly #limits: TextLimits;
  #strings = 0;
  #characters = 0;
  #links = 0;
  #matches = 0;
  #isExceeded = false;

  constructor(limits: TextLimits) {
    this.#limits = limits;
  }

  get isExceeded(): boolean {
    return this.#isExceeded;
  }

  exceed(): void {
    this.#isExceeded = true;
  }

  /** Whether one more string may be examined. */
  takeText(length: number): boolean {
    return this.#check(
      ++this.#strings <= this.#limits.strings && (this.#characters += length) <= this.#limits.characters,
    );
  }

  takeLink(): boolean {
    return this.#check(++this.#links <= this.#limits.links);
  }

  takeMatch(): boolean {
    return this.#check(++this.#matches <= this.#limits.matches);
  }

  #check(isWithin: boolean): boolean {
    if (!isWithin) this.#isExceeded = true;
    return isWithin;
  }
}
