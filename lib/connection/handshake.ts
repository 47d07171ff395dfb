import type { IncomingMessage } from 'node:http';

/** Values of path parameters; a wildcard that spans several segments is a list. */
export type PathParams = Readonly<Record<string, string | string[]>>;

/** Header values by lower-case name, as Node gives them. */
export type HandshakeHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** Where a handshake came from and where it went. */
export interface HandshakeOrigin {
  readonly request: IncomingMessage;
  /** The peer's address: the socket's, or what a trusted proxy says. */
  readonly address: string;
  /** Whether the peer's side of the connection is encrypted. */
  readonly isSecure: boolean;
  readonly path: string;
  readonly params: PathParams;
}

/** Cannot occur in a header (RFC 9110 section 5.5). */
const separator = '\n';

/**
 * What is kept of the upgrade request. The request itself is let go once the connection is open;
 * headers and query are parsed when they are asked for.
 */
export class Handshake {
  /** Path without the query, percent-encoded as sent. */
  readonly path: string;
  /** Values of the endpoint's path parameters, decoded. */
  readonly params: PathParams;
  /** The peer's address. */
  readonly address: string;
  /** Whether the peer's side of the connection is encrypted. */
  readonly isSecure: boolean;
  /** When the upgrade request arrived: milliseconds since the epoch. */
  readonly receivedAt: number;
  /** @internal The connection that it is for. */
  owner: object | null = null;
  #url: string;
  /** Values that were taken out of the URL, by name. */
  #secrets: Map<string, string | undefined> | null = null;
  #rawHeaders: string;
  #request: IncomingMessage | null;

  constructor({ request, address, isSecure, path, params }: HandshakeOrigin) {
    this.#url = request.url ?? '/';
    this.path = path;
    this.params = params;
    this.address = address;
    this.isSecure = isSecure;
    this.receivedAt = Date.now();
    this.#rawHeaders = request.rawHeaders.join(separator);
    this.#request = request;
  }

  /** @internal Of a connection that an earlier process has had: what was kept of it. */
  static restored(url: string): Handshake {
    const [path = '/'] = url.split('?', 1);
    const request = { url, rawHeaders: [] as string[] } as unknown as IncomingMessage;
    const restored = new Handshake({ request, address: '', isSecure: false, path, params: {} });
    restored.release();
    return restored;
  }

  /** Request target as sent: path and query; secrets that authentication has taken from the query are redacted. */
  get url(): string {
    return this.#url;
  }

  /** The upgrade request. Present until `handleConnection` is done, then let go. */
  get request(): IncomingMessage | undefined {
    return this.#request ?? undefined;
  }

  /** Headers by lower-case name. Parsed at each call: keep the result where it is used often. */
  get headers(): HandshakeHeaders {
    const headers: Record<string, string | string[] | undefined> = Object.create(null) as Record<
      string,
      string
    >;
    const parts = this.#rawHeaders.split(separator);
    for (let i = 0; i + 1 < parts.length; i += 2) {
      const name = (parts[i] as string).toLowerCase();
      const value = parts[i + 1] as string;
      const seen = headers[name];
      headers[name] =
        seen === undefined
          ? value
          : name === 'set-cookie'
            ? [seen, value].flat()
            : `${seen as string}, ${value}`;
    }
    return headers;
  }

  /** Query of the request target. Parsed at each call. */
  get query(): URLSearchParams {
    const mark = this.url.indexOf('?');
    return new URLSearchParams(mark === -1 ? '' : this.url.slice(mark + 1));
  }

  /** Value of the `Origin` header (RFC 6454); absent for most clients that are not browsers. */
  get origin(): string | undefined {
    return this.headers['origin'] as string | undefined;
  }

  /**
   * @internal The value of a query parameter that is a secret. From now on URL, query and request have `redacted` in its
   * place, so that nothing that prints them later prints it.
   */
  secretQuery(name: string): string | undefined {
    const secrets = (this.#secrets ??= new Map<string, string | undefined>());
    if (secrets.has(name)) return secrets.get(name);
    const value = this.query.get(name) ?? undefined;
    secrets.set(name, value);
    if (value === undefined) return undefined;
    const mark = this.url.indexOf('?');
    const pairs = this.url.slice(mark + 1).split('&');
    const redacted = pairs.map((pair) => (new URLSearchParams(pair).has(name) ? `${name}=redacted` : pair));
    this.#url = `${this.url.slice(0, mark)}?${redacted.join('&')}`;
    if (this.#request !== null) this.#request.url = this.#url;
    return value;
  }

  /** @internal */
  release(): void {
    this.#request = null;
  }
}
