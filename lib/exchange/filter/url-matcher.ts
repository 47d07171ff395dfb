import { bareHost, canonicalHost } from './canonical-url.js';
import type { TextBudget } from './text-budget.js';
import type { TextMatcher, TextRange } from './text-matcher.js';
import { UrlList } from './url-list.js';

/** What people see as one word. */
const word = /[^\s<>"'`()[\]{}|]+/gu;

/** The longest stretch that may be a host: ASCII letters, digits, `.`, `-`, `%`, and all that is not ASCII. */
// eslint-disable-next-line no-control-regex -- the class is a list of what cannot be in a host
const run = /[^\x00-\x24\x26-\x2c\x2f\x3a-\x40\x5b-\x60\x7b-\x7f\s]+/gu;

const plainHost = /^[A-Za-z0-9.-]+$/;

/** Dots that browsers take for one (UTS 46), and percent-encodings, behind which one may be. */
const dotOrEscape = /[.\u3002\uff0e\uff61%]/;

/** The last label says whether a browser takes it for an address: `1.2.3.4`, `0x7f.1`, `2130706433`. */
const numericEnd = /(?:^|\.)(?:\d+|0x[\da-f]*)\.?$/i;

/** A stretch in the alphabets of most host names: an emoji before or behind is not part of a link. */
const alphabetic =
  /[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}\p{M}\p{N}.\u3002\uff0e\uff61\u00ad\u200b-\u200d\u2060\ufeff-]+/gu;

/** Longer stretches are prose of a script without spaces. */
const longestInternational = 512;

/** Percent-encoded within percent-encoded. */
const deepestEncoding = 3;

/** Finds blocked hosts and URLs, however they are spelled: bare, as links, behind user names, inside queries. */
export class UrlMatcher implements TextMatcher {
  readonly #list: UrlList;

  /** @throws {OptionError} */
  constructor(option: string, entries: readonly string[]) {
    this.#list = new UrlList(option, entries);
  }

  has(text: string, budget: TextBudget): boolean {
    return this.#inText(text, budget, 0);
  }

  /** The whole words that blocked URLs are in. */
  ranges(text: string, budget: TextBudget): TextRange[] {
    const found: TextRange[] = [];
    for (const { 0: candidate, index } of text.matchAll(word)) {
      if (!this.#inText(candidate, budget, 0)) continue;
      let to = index + candidate.length;
      while (to > index + 1 && '.,;:!?*_~'.includes(text[to - 1] as string)) to--;
      found.push({ from: index, to });
    }
    return found;
  }

  #inText(text: string, budget: TextBudget, depth: number): boolean {
    for (const { 0: candidate, index } of text.matchAll(run)) {
      if (!dotOrEscape.test(candidate) && !this.#list.hasDotless && !this.#mayBeAddress(candidate)) continue;
      if (this.#isBlocked(candidate, text, index + candidate.length, budget, depth)) return true;
      if (budget.isExceeded) return false;
    }
    return false;
  }

  #isBlocked(candidate: string, text: string, end: number, budget: TextBudget, depth: number): boolean {
    if (plainHost.test(candidate)) {
      const host = bareHost(candidate.toLowerCase());
      if (this.#list.has(host, text, end, budget)) return true;
      return this.#mayBeAddress(host) && this.#isListed(host, text, end, budget);
    }
    if (!budget.takeLink()) return false;
    const decoded = candidate.includes('%') && depth < deepestEncoding ? decodeAscii(candidate) : candidate;
    // What follows goes along, as a path may.
    if (decoded !== candidate) {
      return (
        this.#inText(decoded, budget, depth + 1) || this.#inTextBefore(decoded, text, end, budget, depth)
      );
    }
    if (candidate.length <= longestInternational && this.#isListed(candidate, text, end, budget)) return true;
    return this.#inAlphabets(candidate, text, end, budget);
  }

  /** The last host of what was decoded, with the path that follows it undecoded. */
  #inTextBefore(decoded: string, text: string, end: number, budget: TextBudget, depth: number): boolean {
    const last = [...decoded.matchAll(run)].at(-1);
    if (last === undefined || last.index + last[0].length < decoded.length) return false;
    return this.#isBlocked(last[0], text, end, budget, depth + 1);
  }

  #inAlphabets(candidate: string, text: string, end: number, budget: TextBudget): boolean {
    const start = end - candidate.length;
    for (const { 0: part, index } of candidate.matchAll(alphabetic)) {
      if (part.length === candidate.length || !mayBeHost(part) || !budget.takeLink()) continue;
      if (this.#isListed(part, text, start + index + part.length, budget)) return true;
    }
    return false;
  }

  #isListed(host: string, text: string, end: number, budget: TextBudget): boolean {
    const canonical = canonicalHost(host);
    return canonical !== undefined && canonical !== '' && this.#list.has(canonical, text, end, budget);
  }

  #mayBeAddress(host: string): boolean {
    return this.#list.hasAddresses && numericEnd.test(host);
  }
}

/** A full stop of prose is no host. */
function mayBeHost(part: string): boolean {
  return dotOrEscape.test(part) && /[\p{L}\p{N}]/u.test(part);
}

/** Percent-encoded ASCII decoded; what else is encoded is left to the URL parser. */
function decodeAscii(text: string): string {
  return text.replace(/%([2-7][\da-f])/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}
