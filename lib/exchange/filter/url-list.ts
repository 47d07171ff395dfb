import { OptionError } from '../../primitives/option-error.js';
import { canonicalPlace, canonicalRest } from './canonical-url.js';
import type { TextBudget } from './text-budget.js';

interface Entry {
  readonly port: string;
  readonly path: string;
}

/** Longest name that DNS knows (RFC 1035 section 2.3.4). */
const longestHost = 253;

/** Hosts, with all beneath them, and URLs of hosts, with all that begins like them. */
export class UrlList {
  readonly #byHost = new Map<string, Entry[]>();
  /** Whether a name without a dot is in the list: then each word is a host. */
  readonly hasDotless: boolean;
  /** Whether an IPv4 address is in the list: then `0x7f.1` is one. */
  readonly hasAddresses: boolean;

  /** @throws {OptionError} for what is no URL */
  constructor(option: string, entries: readonly string[]) {
    for (const entry of entries) {
      const place = canonicalPlace(entry.replace(/^\*\./, ''));
      if (place === undefined || place.host === '')
        throw new OptionError(option, 'hosts (evil.com) and URLs (evil.com/path)', entry);
      const known = this.#byHost.get(place.host);
      if (known === undefined) this.#byHost.set(place.host, [place]);
      else known.push(place);
    }
    const hosts = [...this.#byHost.keys()];
    this.hasDotless = hosts.some((host) => !host.includes('.'));
    this.hasAddresses = hosts.some((host) => /^[\d.]+$/.test(host));
  }

  /**
   * Whether a host, or what follows it in a text, is in the list.
   *
   * @param host canonical
   * @param end where in `text` the host ends
   */
  has(host: string, text: string, end: number, budget: TextBudget): boolean {
    let name = host.length > longestHost ? host.slice(-longestHost) : host;
    for (;;) {
      const entries = this.#byHost.get(name);
      if (entries?.some((entry) => covers(entry, text, end, budget)) === true) return true;
      const dot = name.indexOf('.');
      if (dot === -1) return false;
      name = name.slice(dot + 1);
    }
  }
}

function covers({ port, path }: Entry, text: string, end: number, budget: TextBudget): boolean {
  if (port === '' && path === '') return true;
  if (!budget.takeLink()) return false;
  const said = /^\.?:(\d{1,5})/.exec(text.slice(end, end + 8));
  // Which scheme's port is meant is not always said.
  const ports = said === null ? [80, 443] : [Number(said[1])];
  if (port !== '' && !ports.includes(Number(port))) return false;
  if (path === '') return true;
  const rest = text.slice(end + (said?.[0].length ?? 0), end + 4096);
  const found = canonicalRest(rest.startsWith('.') ? rest.slice(1) : rest);
  if (!found.startsWith(path)) return false;
  const next = found.charAt(path.length);
  return next === '' || '/?#&'.includes(next) || '/?'.includes(path.at(-1) as string);
}
