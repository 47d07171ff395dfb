import type { Server } from 'node:http';
import { isIPv6, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { StageHost } from '../pipeline/middleware.js';
import { type ProxyEndpoint, ProxyProtocolError } from '../transport/proxy-protocol/proxy-header.js';
import { readProxyHeader } from '../transport/proxy-protocol/read-proxy-header.js';
import type { TrustProxy } from './trust-proxy.js';

export interface ProxyProtocolSettings {
  readonly port: number;
  readonly host: StageHost;
  /** Whether a header from this address is taken. */
  readonly isTrusted: TrustProxy;
  readonly timeoutMs: number;
}

/** A copy of Node's own listeners, which take over a connection. */
type TakeOver = (this: Server, socket: Socket) => void;

/**
 * Lets an HTTP or HTTPS server read the PROXY protocol header before anything else of a connection. The socket then has
 * the peer's `remoteAddress` and `remotePort`, the one inside TLS too. What has no header as it must is dropped,
 * counted (`proxy-protocol.malformed` and so on) and logged.
 */
export function acceptProxyProtocol(server: Server, settings: ProxyProtocolSettings): void {
  const { host, isTrusted, port, timeoutMs } = settings;
  const takeOver = server.listeners('connection') as TakeOver[];
  const isTls = server.listenerCount('secureConnection') > 0;
  const sources = new Map<string, ProxyEndpoint>();
  server.removeAllListeners('connection');
  const drop = (socket: Socket, error: ProxyProtocolError): void => {
    socket.destroy();
    host.count(`proxy-protocol.${error.fault}`);
    // A balancer that looks whether the port is open says nothing, and does so often.
    if (error.fault !== 'ended')
      host.log.warn('PROXY_PROTOCOL', () => `port ${port}: dropped a connection: ${error.message}`);
  };
  server.on('connection', (socket: Socket) => {
    // Until somebody takes it over; and an error more cannot hurt after that.
    socket.on('error', () => undefined);
    const { remoteAddress } = socket;
    // It has been reset already: nobody knows any more who it was.
    if (remoteAddress === undefined) return drop(socket, new ProxyProtocolError('ended', 'it is gone'));
    if (!isTrusted(remoteAddress, 0)) {
      return drop(socket, new ProxyProtocolError('untrusted', `${remoteAddress} is no trusted proxy`));
    }
    readProxyHeader(socket, { clock: host.clock, timeoutMs }, (error, header) => {
      if (error !== null) return drop(socket, error);
      // The path of a UNIX socket is no address of a peer: it is on the proxy's machine.
      const source = header?.family === 'unix' ? undefined : header?.source;
      if (source !== undefined && isTls) {
        // The TLS socket asks the operating system, which knows the proxy only.
        const key = endsOf(socket);
        sources.set(key, source);
        socket.once('close', () => sources.delete(key));
      } else if (source !== undefined) speakFor(socket, source);
      for (const listener of takeOver) listener.call(server, socket);
      // TLS takes over the handle and what has been read; HTTP listens to the socket.
      if (!isTls) socket.resume();
    });
  });
  server.prependListener('secureConnection', (socket: TLSSocket) => {
    const source = sources.get(endsOf(socket));
    if (source !== undefined) speakFor(socket, source);
  });
}

/** Of all open connections of a port, one has these ends. */
function endsOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}

function speakFor(socket: Socket, { address, port }: ProxyEndpoint): void {
  const values = {
    remoteAddress: address,
    remotePort: port,
    remoteFamily: isIPv6(address) ? 'IPv6' : 'IPv4',
  };
  for (const [name, value] of Object.entries(values))
    Object.defineProperty(socket, name, { value, configurable: true, enumerable: true });
}
