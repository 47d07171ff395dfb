/** The value of a cookie in a `Cookie` header (RFC 6265 section 4.2): of several by one name the first, which is the most specific. */
export function readCookie(header: string | undefined, name: string): string | undefined {
  for (const pair of header?.split(';') ?? []) {
    const mark = pair.indexOf('=');
    if (mark === -1 || pair.slice(0, mark).trim() !== name) continue;
    return decode(pair.slice(mark + 1).trim());
  }
  return undefined;
}

function decode(value: string): string {
  const bare = value.startsWith('"') && value.endsWith('"') && value.length > 1 ? value.slice(1, -1) : value;
  try {
    return decodeURIComponent(bare);
  } catch {
    // Not percent-encoded: then it means what it says.
    return bare;
  }
}
