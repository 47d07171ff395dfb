import { OptionError } from '../primitives/option-error.js';

/** Origins that browsers may connect from: exact (`https://app.example.com`) or any subdomain (`https://*.example.com`); `false` lets all in. */
export type OriginOptions = readonly string[] | false;

/** Whether a page of this origin may connect to this host. */
export type OriginPolicy = (origin: string | undefined, host: string | undefined) => boolean;

/**
 * Decides on the `Origin` header (RFC 6455 section 10.2). The default lets in pages of the same host only.
 * A request without the header does not come from a browser's page and passes.
 *
 * @throws {OptionError} for an entry that is no origin
 */
export function createOriginPolicy(origins: OriginOptions | undefined): OriginPolicy {
  if (origins === false) return () => true;
  if (origins === undefined) return (origin, host) => origin === undefined || isSameHost(origin, host);
  const allowed = origins.map(parseEntry);
  return (origin, host) => {
    if (origin === undefined || isSameHost(origin, host)) return true;
    const url = parseUrl(origin);
    return url !== undefined && allowed.some((entry) => entry(url));
  };
}

function isSameHost(origin: string, host: string | undefined): boolean {
  const url = parseUrl(origin);
  if (url === undefined || host === undefined) return false;
  // URL drops the scheme's default port; the Host header may carry it all the same.
  return url.host === parseUrl(`${url.protocol}//${host}`)?.host;
}

function parseUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

function parseEntry(entry: string): (url: URL) => boolean {
  const wildcard = /^([a-z][a-z0-9+.-]*:)\/\/\*\.(.+)$/i.exec(entry);
  const url = parseUrl(wildcard ? `${wildcard[1] as string}//${wildcard[2] as string}` : entry);
  if (url === undefined || url.host === '' || url.pathname.length > 1) {
    throw new OptionError(
      'origins',
      'origins like "https://app.example.com" or "https://*.example.com"',
      entry,
    );
  }
  if (!wildcard) return (candidate) => candidate.protocol === url.protocol && candidate.host === url.host;
  const suffix = `.${url.host}`;
  return (candidate) =>
    candidate.protocol === url.protocol &&
    candidate.host.endsWith(suffix) &&
    candidate.host.length > suffix.length;
}
