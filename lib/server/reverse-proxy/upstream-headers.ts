import type { IncomingMessage } from 'node:http';
import type { Connection } from '../../connection/connection.js';
import { isSecure, requestedHost } from '../peer-address.js';
import type { TrustProxy } from '../trust-proxy.js';
import type { ProxyHeaders, ResolvedProxyOptions } from './proxy-options.js';

/** What the upstream is told of the client: who it is, what it has asked for, and what the options let through. */
export async function upstreamHeaders(
  connection: Connection,
  request: IncomingMessage,
  url: URL,
  trust: TrustProxy,
  options: ResolvedProxyOptions,
): Promise<ProxyHeaders> {
  const { handshake } = connection;
  const { headers: own } = options;
  const headers: Record<string, string> = {
    'X-Forwarded-For': forwardedFor(request, trust),
    'X-Forwarded-Proto': isSecure(request, trust) ? 'https' : 'http',
  };
  const host = requestedHost(request, trust);
  if (host !== undefined) headers['X-Forwarded-Host'] = host;
  const origin = originFor(request, url, options.origin);
  if (origin !== undefined) headers['Origin'] = origin;
  for (const name of options.forwardHeaders) {
    const value = request.headers[name];
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return Object.assign(headers, typeof own === 'function' ? await own(handshake, connection) : own);
}

/** Adds who holds the socket to the list of a trusted proxy; what anybody else says is forgotten. */
function forwardedFor(request: IncomingMessage, trust: TrustProxy): string {
  const address = request.socket.remoteAddress ?? '';
  const before = request.headers['x-forwarded-for'] as string | undefined;
  // IPv4 in the notation of IPv6 is how a socket for both says it.
  const shown = address.replace(/^::ffff:(?=\d+\.)/, '');
  return before === undefined || !trust(address, 0) ? shown : `${before}, ${shown}`;
}

function originFor(
  request: IncomingMessage,
  url: URL,
  option: ResolvedProxyOptions['origin'],
): string | undefined {
  if (option === false) return undefined;
  if (option === 'forward') return request.headers.origin;
  if (option === 'upstream') return `${url.protocol === 'wss:' ? 'https' : 'http'}://${url.host}`;
  return option;
}
