import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';

/** The peer's address: the socket's, or the first of `X-Forwarded-For` where the proxy is trusted. */
export function peerAddress(request: IncomingMessage, trustProxy: boolean): string {
  const forwarded = trustProxy ? first(request.headers['x-forwarded-for']) : undefined;
  return forwarded ?? request.socket.remoteAddress ?? '';
}

/** Whether the peer speaks TLS: to this process, or to the trusted proxy before it. */
export function isSecure(request: IncomingMessage, trustProxy: boolean): boolean {
  const forwarded = trustProxy ? first(request.headers['x-forwarded-proto']) : undefined;
  if (forwarded !== undefined) return forwarded === 'https' || forwarded === 'wss';
  return (request.socket as Partial<TLSSocket>).encrypted === true;
}

function first(header: string | string[] | undefined): string | undefined {
  const text = Array.isArray(header) ? header[0] : header;
  const entry = text?.split(',')[0]?.trim();
  return entry === '' ? undefined : entry;
}
