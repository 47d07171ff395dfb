import { isPromise } from '../primitives/is-promise.js';
import { OptionError } from '../primitives/option-error.js';

/**
 * Decides about an origin that is not the host's own. Anything but `true` refuses. Not asynchronous: a page is let in, or
 * not, before anything is waited for.
 */
export type OriginTest = (origin: string, host: string | undefined) => boolean;

/**
 * Origins that browsers may connect from: exact (`https://app.example.com`), any subdomain (`https://*.example.com`), or
 * what a function says yes to; `false` lets all in.
 */
export type OriginOptions = readonly (string | OriginTest)[] | OriginTest | false;

/** Whether a page of this origin may connect to this host. */
export type OriginPolicy = (origin: string | undefined, host: string | undefined) => boolean;

/**
 * Decides on the `Origin` header (RFC 6455 section 10.2). The default lets in pages of the same host only.
 * A request without the header does not come from a browser's page and passes.
 *
 * The policy throws what a function of the application throws.
 *
 * @throws {OptionError} for an entry that is no origin
 */
export function createOriginPolicy(origins: OriginOptions | undefined): OriginPolicy {
  if (origins === false) return () => true;
  if (origins === undefined) return (origin, host) => origin === undefined || isSameHost(origin, host);
  const entries = typeof origins === 'function' ? [origins] : origins;
  const tests = entries.map((entry) => (typeof entry === 'function' ? toTest(entry) : parseEntry(entry)));
  return (origin, host) => {
    if (origin === undefined || isSameHost(origin, host)) return true;
    const url = parseUrl(origin);
    return tests.some((test) => test(origin, url, host));
  };
}

/** Whose pages may use the cookies of the user's browser: those that `origins` names; where it lets all in, those of the same host. */
export function createTrustPolicy(origins: OriginOptions | undefined): OriginPolicy {
  return createOriginPolicy(origins === false ? undefined : origins);
}

/** One entry of the list. `url` is undefined for an origin that is none: `null`. */
type EntryTest = (origin: string, url: URL | undefined, host: string | undefined) => boolean;

function toTest(allows: OriginTest): EntryTest {
  return (origin, _, host) => {
    const answer: unknown = allows(origin, host);
    if (!isPromise(answer)) return answer === true;
    // It is too late for its answer, also for its failure.
    answer.then(undefined, () => undefined);
    throw new TypeError('a function of the option "origins" must not be asynchronous');
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

function isOrigin({ host, pathname, search, hash, username, password }: URL): boolean {
  // A wildcard that is no whole sub-domain would match nothing, and look as if it did.
  const isHost = host !== '' && !host.includes('*');
  return isHost && pathname.length <= 1 && [search, hash, username, password].every((part) => part === '');
}

function parseEntry(entry: string): EntryTest {
  const wildcard = /^([a-z][a-z0-9+.-]*:)\/\/\*\.(.+)$/i.exec(entry);
  const url = parseUrl(wildcard ? `${wildcard[1] as string}//${wildcard[2] as string}` : entry);
  if (url === undefined || !isOrigin(url)) {
    throw new OptionError(
      'origins',
      'origins like "https://app.example.com" or "https://*.example.com"',
      entry,
    );
  }
  if (!wildcard) {
    return (_, candidate) => candidate?.protocol === url.protocol && candidate.host === url.host;
  }
  const suffix = `.${url.host}`;
  return (_, candidate) =>
    candidate?.protocol === url.protocol &&
    candidate.host.endsWith(suffix) &&
    candidate.host.length > suffix.length;
}
