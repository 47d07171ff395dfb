import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { Socket } from 'node:net';
import type { TlsOptions } from 'node:tls';
import type { StageHost } from '../pipeline/middleware.js';
import { acceptProxyProtocol } from './accept-proxy-protocol.js';
import type { ResolvedOwnPort } from './own-port-options.js';
import { readTlsFiles, TlsFileWatch } from './tls-files.js';

/** How a port of our own is served. */
export interface OwnPortSettings extends ResolvedOwnPort {
  readonly host: StageHost;
  readonly onError: (error: unknown) => void;
  /** Time in milliseconds for the PROXY protocol header, and again for the TLS handshake. */
  readonly handshakeMs: number;
  /** platform-ws gives plain HTTP on a port with paths no answer at all. */
  readonly isSilent: boolean;
}

/** An HTTP or HTTPS server for gateways with a port of their own: it speaks WebSocket only, and says so with a 426 (RFC 9110 section 15.5.22). */
export class OwnPort {
  readonly server: Server;
  readonly #watch: TlsFileWatch | null;
  readonly #sockets = new Set<Socket>();

  /** @throws {Error} of the file system or OpenSSL, for a certificate that cannot be used */
  constructor(port: number, settings: OwnPortSettings) {
    const { host, files, proxyProtocol, onError, isSilent } = settings;
    const tls = tlsOptionsOf(settings);
    const listener = isSilent ? undefined : upgradeRequired;
    const secure = tls && createSecureServer(tls, listener);
    this.server = secure ?? createServer(listener);
    this.#watch =
      secure !== null && files !== null
        ? new TlsFileWatch(secure, files, settings.tls ?? {}, {
            clock: host.clock,
            reloaded: () => host.count('tls.reloaded'),
            failed: (error) => {
              host.count('tls.reload-failed');
              onError(error);
            },
          })
        : null;
    this.server.on('error', onError);
    this.server.on('tlsClientError', () => host.count('tls.failed'));
    if (proxyProtocol !== null) {
      const { handshakeMs } = settings;
      acceptProxyProtocol(this.server, { port, host, isTrusted: proxyProtocol, timeoutMs: handshakeMs });
    }
    this.server.prependListener('connection', this.#track);
    this.server.listen(port);
  }

  /** Ends what is left: connections whose handshakes have not got anywhere. */
  async close(): Promise<void> {
    this.#watch?.stop();
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  readonly #track = (socket: Socket): void => {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
  };
}

function tlsOptionsOf({ tls, files, handshakeMs }: OwnPortSettings): TlsOptions | null {
  if (tls === null) return null;
  const inTime = handshakeMs === Infinity ? {} : { handshakeTimeout: handshakeMs };
  return { ...inTime, ...tls, ...(files !== null && readTlsFiles(files)) };
}

const upgradeRequired: RequestListener = (_request, response) => {
  const body = JSON.stringify({ code: 'UPGRADE_REQUIRED', message: 'this port speaks WebSocket only' });
  response.writeHead(426, {
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Content-Type': 'application/json',
  });
  response.end(body);
};
