import type { TLSSocket } from 'node:tls';
import type { Handshake, HandshakeHeaders } from '../../../connection/handshake.js';
import { bearerPrefix, bearerToken, isSessionSubprotocol } from '../../../protocol/subprotocol.js';
import { readCookie } from './cookies.js';

/** Where a token may stand beside the `Authorization` header and the `gatewire.bearer.*` subprotocol. */
export interface TokenSources {
  /** Name of a cookie. Taken only from pages of an allowed origin. @default undefined */
  readonly cookie?: string;
  /** Name of a query parameter, for clients that have no other way. URLs end up in logs: ours show it redacted. @default undefined */
  readonly query?: string;
}

/** An `Authorization` header (RFC 9110 section 11.6.2). */
export interface Authorization {
  /** In lower case. */
  readonly scheme: string;
  readonly value: string;
}

/** What an upgrade request says about who sends it. Headers are parsed once, when they are asked for. */
export class ConnectCredentials {
  readonly handshake: Handshake;
  readonly #allowsCookies: boolean;
  #headers: HandshakeHeaders | null = null;

  /** @param allowsCookies whether the request comes from a page that may use the user's cookies */
  constructor(handshake: Handshake, allowsCookies: boolean) {
    this.handshake = handshake;
    this.#allowsCookies = allowsCookies;
  }

  /** The `Authorization` header. */
  get authorization(): Authorization | undefined {
    const text = this.header('authorization')?.trim();
    if (text === undefined || text === '') return undefined;
    const space = text.indexOf(' ');
    if (space === -1) return { scheme: text.toLowerCase(), value: '' };
    return { scheme: text.slice(0, space).toLowerCase(), value: text.slice(space + 1).trim() };
  }

  /** A header by its lower-case name. */
  header(name: string): string | undefined {
    this.#headers ??= this.handshake.headers;
    const value = this.#headers[name];
    return Array.isArray(value) ? value[0] : value;
  }

  /**
   * A cookie. Browsers send cookies with every connection, also with one that a foreign page makes: so there are none
   * unless the request has an `Origin` header that is allowed. With `origins: false` those of the same host are.
   */
  cookie(name: string): string | undefined {
    return this.#allowsCookies ? readCookie(this.header('cookie'), name) : undefined;
  }

  /**
   * The token: of the `Authorization` header (RFC 6750 section 2.1), a `gatewire.bearer.*` subprotocol, a cookie, the
   * query; the first there is.
   */
  token({ cookie, query }: TokenSources): string | undefined {
    const inQuery = query === undefined ? undefined : this.#takeFromQuery(query);
    const { authorization } = this;
    if (authorization?.scheme === 'bearer') return authorization.value;
    return bearerToken(this.#offers) ?? (cookie === undefined ? undefined : this.cookie(cookie)) ?? inQuery;
  }

  /** Whether it brings credentials where a token may stand without being asked for, whatever their kind. */
  get areOffered(): boolean {
    return this.authorization !== undefined || this.#offers.some((name) => name.startsWith(bearerPrefix));
  }

  /** Whether the peer speaks `gatewire.v1.*`: then it knows `$auth`. */
  get speaksProtocol(): boolean {
    return this.#offers.some(isSessionSubprotocol);
  }

  /** The connection's own TLS socket; undefined for a plain one. */
  get tls(): TLSSocket | undefined {
    const socket = this.handshake.request?.socket as Partial<TLSSocket> | undefined;
    return typeof socket?.getPeerCertificate === 'function' ? (socket as TLSSocket) : undefined;
  }

  get #offers(): string[] {
    const offered = this.header('sec-websocket-protocol');
    return offered === undefined ? [] : offered.split(',').map((name) => name.trim());
  }

  /** The handshake forgets it: whatever prints its URL later prints no secret. */
  #takeFromQuery(name: string): string | undefined {
    const token = this.handshake.secretQuery(name);
    return token === '' ? undefined : token;
  }
}
