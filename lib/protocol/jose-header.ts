/**
 * Parses a protected header of JWS or JWE. Undefined: it is none, names a member twice (RFC 7515 section 4, RFC 7516
 * section 4), or has parameters that must be understood and are not (`crit`, RFC 7515 section 4.1.11; `b64`, RFC 7797).
 * Bound its length before.
 */
export function parseJoseHeader(json: string): Record<string, unknown> | undefined {
  let header: unknown;
  try {
    header = JSON.parse(json);
  } catch {
    // The caller refuses it, and the peer's words are not repeated.
    return undefined;
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) return undefined;
  if (Object.hasOwn(header, 'crit') || Object.hasOwn(header, 'b64')) return undefined;
  if (countMembers(json) !== Object.keys(header).length) return undefined;
  return header as Record<string, unknown>;
}

/** Members as they are written: what `JSON.parse` has made one of is counted twice. Of sound JSON only. */
function countMembers(json: string): number {
  let depth = 0;
  let members = 0;
  for (let at = 0; at < json.length; at++) {
    const sign = json[at];
    if (sign === '"') at = endOfString(json, at);
    else if (sign === '{' || sign === '[') depth++;
    else if (sign === '}' || sign === ']') depth--;
    else if (sign === ':' && depth === 1) members++;
  }
  return members;
}

function endOfString(json: string, start: number): number {
  let at = start + 1;
  while (json[at] !== '"') at += json[at] === '\\' ? 2 : 1;
  return at;
}
