const quote = 0x22;
const backslash = 0x5c;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/**
 * Whether JSON text nests objects and arrays more than `limit` deep, without parsing it.
 * For text that is not JSON the answer means nothing; the parser refuses that.
 */
export function exceedsDepth(text: string, limit: number): boolean {
  // One level too many takes limit + 1 openers and as many closers.
  if (text.length < 2 * limit + 2) return false;
  return hasMoreOpeners(text, limit) && isDeeper(text, limit);
}

/** Counts `{` and `[`, in strings too: `indexOf` is many times faster than a loop, and nearly every message ends here. */
function hasMoreOpeners(text: string, limit: number): boolean {
  let openers = 0;
  for (const opener of ['{', '[']) {
    for (let at = text.indexOf(opener); at !== -1; at = text.indexOf(opener, at + 1)) {
      if (++openers > limit) return true;
    }
  }
  return false;
}

function isDeeper(text: string, limit: number): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === quote) at = endOfString(text, at + 1);
    else if (unit === openBrace || unit === openBracket) {
      if (++depth > limit) return true;
    } else if (unit === closeBrace || unit === closeBracket) depth--;
  }
  return false;
}

/** Where the closing quote is, or the end of the text. */
function endOfString(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === backslash) at++;
    else if (unit === quote) return at;
  }
  return text.length;
}
