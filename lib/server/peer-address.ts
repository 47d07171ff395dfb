import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import type { TLSSocket } from 'node:tls';
import proxyaddr from 'proxy-addr';
import type { TrustProxy } from './trust-proxy.js';

/**
 * The peer's address: the socket's, or the farthest that a chain of trusted proxies vouches for in `X-Forwarded-For`.
 * What is no IP address there (`unknown`, an obfuscated name) is passed over for the hop before it.
 */
export function peerAddress(request: IncomingMessage, trust: TrustProxy): string {
  const socketAddress = request.socket.remoteAddress ?? '';
  if (request.headers['x-forwarded-for'] === undefined || !trust(socketAddress, 0)) return socketAddress;
  const hops = proxyaddr.all(request, trust);
  for (let i = hops.length - 1; i > 0; i--) {
    const address = withoutPort(hops[i] as string);
    if (isIP(address) !== 0) return address;
  }
  return socketAddress;
}

/** Whether the peer speaks TLS: to this process, or to the trusted proxy before it (`X-Forwarded-Proto`). */
export function isSecure(request: IncomingMessage, trust: TrustProxy): boolean {
  const forwarded = forwardedBy(request, 'x-forwarded-proto', trust)?.toLowerCase();
  if (forwarded !== undefined) return forwarded === 'https' || forwarded === 'wss';
  return (request.socket as Partial<TLSSocket>).encrypted === true;
}

/** The host that the peer has asked for: the `Host` header, or what a trusted proxy says it was (`X-Forwarded-Host`). */
export function requestedHost(request: IncomingMessage, trust: TrustProxy): string | undefined {
  return forwardedBy(request, 'x-forwarded-host', trust) ?? request.headers.host;
}

/** The first entry of a header, if who holds the socket is trusted to set it. */
function forwardedBy(request: IncomingMessage, name: string, trust: TrustProxy): string | undefined {
  const header = request.headers[name] as string | undefined;
  if (header === undefined || !trust(request.socket.remoteAddress ?? '', 0)) return undefined;
  const entry = header.split(',', 1)[0]?.trim();
  return entry === '' ? undefined : entry;
}

/** Some proxies write `192.0.2.1:4711` or `[2001:db8::1]:4711`. */
function withoutPort(entry: string): string {
  const bracketed = /^\[([^\]]+)\](?::\d+)?$/.exec(entry);
  if (bracketed) return bracketed[1] as string;
  const [address, , more] = entry.split(':', 3);
  return more === undefined ? (address as string) : entry;
}
