import type { Connection } from '../../connection/connection.js';
import type { Handshake } from '../../connection/handshake.js';
import { durationMs, limit, wholeNumber } from '../../primitives/option-checks.js';
import { OptionError } from '../../primitives/option-error.js';
import type { UpstreamTls } from '../../transport/upstream.js';

/**
 * Where a connection goes: a `ws:` or `wss:` URL, or a function that says so for each. Never build the host of a URL from
 * what the peer sends.
 */
export type ProxyTarget =
  string | ((handshake: Handshake, connection: Connection) => string | Promise<string>);

/** Headers by name. */
export type ProxyHeaders = Readonly<Record<string, string>>;

/** How a connection is passed on. */
export interface ProxyOptions {
  /** The `Origin` header for the upstream: the client's (`forward`), the upstream's own (`upstream`), another one, or none (`false`). @default 'forward' */
  readonly origin?: 'forward' | 'upstream' | (string & {}) | false;
  /** Headers of the client that the upstream gets: `['cookie', 'user-agent']`. Credentials only where it is named. @default [] */
  readonly forwardHeaders?: readonly string[];
  /** Further headers for the upstream. */
  readonly headers?:
    ProxyHeaders | ((handshake: Handshake, connection: Connection) => ProxyHeaders | Promise<ProxyHeaders>);
  /** Time in milliseconds for the upstream's 101; then the client gets a 504. @default 5_000 */
  readonly connectMs?: number;
  /** Bytes that may wait for one side before the other is no longer read. @default 1_048_576 */
  readonly highWaterBytes?: number;
  /** Payload bytes of one message of the upstream. @default limits.maxPayloadBytes */
  readonly maxPayloadBytes?: number | false;
  /**
   * What a client sees when a stage refuses its frame: the connection is closed with a code that mirrors the error (`close`),
   * it gets an `exception` event as gateways send it (`tell`), or nothing, and the frame is missing (`drop`). @default 'close'
   */
  readonly onRefused?: 'close' | 'tell' | 'drop';
  /** Towards a `wss:` upstream. */
  readonly tls?: UpstreamTls;
}

export interface ResolvedProxyOptions {
  readonly origin: 'forward' | 'upstream' | (string & {}) | false;
  /** In lower case. */
  readonly forwardHeaders: readonly string[];
  readonly headers: NonNullable<ProxyOptions['headers']>;
  readonly connectMs: number;
  readonly highWaterBytes: number;
  /** Undefined: as the endpoint's. */
  readonly maxPayloadBytes: number | undefined;
  readonly onRefused: NonNullable<ProxyOptions['onRefused']>;
  readonly tls: UpstreamTls;
}

/** What belongs to one hop (RFC 9110 section 7.6.1), to WebSocket, or is ours to say. */
const ownHeaders =
  /^(?:connection|upgrade|host|origin|keep-alive|te|trailer|transfer-encoding|content-length|sec-websocket-.*|x-forwarded-(?:for|proto|host)|forwarded)$/i;

/** Fills in defaults and refuses values that cannot work. @throws {OptionError} */
export function resolveProxyOptions(target: unknown, input: ProxyOptions = {}): ResolvedProxyOptions {
  const { origin = 'forward', forwardHeaders = [], headers = {}, onRefused = 'close', tls = {} } = input;
  if (typeof target === 'string') parseTarget(target);
  else if (typeof target !== 'function') throw new OptionError('@ProxyTo', 'a URL or a function', target);
  if (origin !== false && (typeof origin !== 'string' || origin === ''))
    throw new OptionError('@ProxyTo origin', "'forward', 'upstream', an origin or false", origin);
  checkHeaders([...forwardHeaders, ...(typeof headers === 'function' ? [] : Object.keys(headers))]);
  if (!['close', 'tell', 'drop'].includes(onRefused))
    throw new OptionError('@ProxyTo onRefused', "'close', 'tell' or 'drop'", onRefused);
  return {
    origin,
    forwardHeaders: forwardHeaders.map((name) => name.toLowerCase()),
    headers,
    connectMs: durationMs('@ProxyTo connectMs', input.connectMs ?? 5_000),
    highWaterBytes: wholeNumber('@ProxyTo highWaterBytes', input.highWaterBytes ?? 1_048_576),
    maxPayloadBytes: ownLimit(input.maxPayloadBytes),
    onRefused,
    tls,
  };
}

function checkHeaders(names: readonly unknown[]): void {
  for (const name of names) {
    if (typeof name !== 'string' || ownHeaders.test(name))
      throw new OptionError(
        '@ProxyTo headers',
        'headers that are not of one hop or of WebSocket itself',
        name,
      );
  }
}

function ownLimit(bytes: number | false | undefined): number | undefined {
  return bytes === undefined ? undefined : limit('@ProxyTo maxPayloadBytes', bytes);
}

/** @throws {OptionError} for what is no `ws:` or `wss:` URL */
export function parseTarget(target: unknown): URL {
  const url = typeof target === 'string' && URL.canParse(target) ? new URL(target) : undefined;
  if (url === undefined || (url.protocol !== 'ws:' && url.protocol !== 'wss:') || url.hash !== '')
    throw new OptionError('@ProxyTo', 'a URL like "ws://10.0.0.5:3000/feed"', target);
  return url;
}
