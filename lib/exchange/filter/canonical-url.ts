/** A URL's place on the web, in one spelling: what a browser would go to. */
export interface CanonicalPlace {
  /** Lower case, punycode, no trailing dots. */
  readonly host: string;
  /** Empty where it is not said. */
  readonly port: string;
  /** Path and query, lower case, what needs no percent-encoding decoded; empty for none. */
  readonly path: string;
}

/** Longest path that is looked at. */
const longestPath = 2048;

/** `evil.com`, `//evil.com/x`, `https://user@EVIL.com:8080/x`; undefined for what no browser goes to. */
export function canonicalPlace(url: string): CanonicalPlace | undefined {
  const rest = url.replace(/^[a-z][a-z0-9+.-]*:(?=[/\\])/i, '').replace(/^[/\\]+/, '');
  const parsed = parse(`http://${rest}`);
  if (parsed === undefined) return undefined;
  return {
    host: bareHost(parsed.hostname),
    port: /^[^/?#\\]*:80(?:[/?#\\]|$)/.test(rest) ? '80' : parsed.port,
    path: canonicalPath(parsed.pathname + parsed.search),
  };
}

/** A host name in the spelling that browsers send, by the rules of the URL Standard; undefined for what cannot be one. */
export function canonicalHost(host: string): string | undefined {
  const hostname = parse(`http://${host}`)?.hostname;
  return hostname === undefined ? undefined : bareHost(hostname);
}

/** What follows a host, as far as it is its path and query. */
export function canonicalRest(rest: string): string {
  const end = rest.search(/[\s<>"'`]/);
  const cut = rest.slice(0, Math.min(longestPath, end === -1 ? rest.length : end));
  if (!/^[/\\?]/.test(cut)) return '';
  const parsed = parse(`http://host${cut}`);
  return parsed === undefined ? '' : canonicalPath(parsed.pathname + parsed.search);
}

function parse(url: string): URL | undefined {
  try {
    return new URL(url);
  } catch {
    // Not a URL: what else is in the text is no business of ours.
    return undefined;
  }
}

/** Without the dot of the root, and what surrounds a name in prose. */
export function bareHost(host: string): string {
  let from = 0;
  let to = host.length;
  while (from < to && (host[from] === '.' || host[from] === '-')) from++;
  while (to > from && (host[to - 1] === '.' || host[to - 1] === '-')) to--;
  return host.slice(from, to);
}

/** Servers differ in whether case matters: a filter takes it that it does not. */
function canonicalPath(path: string): string {
  let decoded = path;
  try {
    decoded = decodeURIComponent(path);
  } catch {
    // Bytes that are no UTF-8: compared as they are.
  }
  return decoded === '/' ? '' : decoded.toLowerCase().replace(/\/{2,}/g, '/');
}
