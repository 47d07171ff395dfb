import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { WebSocketServer, type ServerOptions } from 'ws';
import type { FrameLimits, Transport, UpgradeRequest } from '../transport.js';
import type { TransportSocket } from '../transport-socket.js';
import { WsSocket } from './ws-socket.js';

/** What a gateway's decorator may say to `ws` itself. */
export type WsEndpointOptions = Pick<
  ServerOptions,
  | 'verifyClient'
  | 'handleProtocols'
  | 'maxPayload'
  | 'perMessageDeflate'
  | 'skipUTF8Validation'
  | 'allowSynchronousEvents'
  | 'autoPong'
>;

/** Time in milliseconds `ws` waits for the peer's close frame. */
export interface WsTransportOptions {
  readonly limits: FrameLimits;
  readonly closeMs: number;
  readonly selectSubprotocol: ((offered: Set<string>) => string | false) | undefined;
}

/** The transport on `ws`. */
export class WsTransport implements Transport {
  readonly #server: WebSocketServer;
  /** What 101s say about extensions: `ws` itself tells their names only, not their parameters. */
  readonly #negotiated = new WeakMap<IncomingMessage, string>();

  /** Subprotocols that others have agreed on. */
  readonly #settled = new WeakMap<IncomingMessage, string | false>();

  constructor(options: WsTransportOptions, endpoint: WsEndpointOptions) {
    const { limits } = options;
    this.#server = new WebSocketServer({
      ...endpoint,
      handleProtocols: (offered, request) => {
        const settled = this.#settled.get(request);
        if (settled !== undefined) return settled;
        const select = endpoint.handleProtocols ?? options.selectSubprotocol;
        // As ws does by itself.
        return select === undefined ? ([...offered][0] as string) : select(offered, request);
      },
      perMessageDeflate: endpoint.perMessageDeflate ?? false,
      noServer: true,
      clientTracking: false,
      WebSocket: WsSocket,
      maxPayload: endpoint.maxPayload ?? finite(limits.maxPayloadBytes),
      maxFragments: finite(limits.maxFragments),
      maxBufferedChunks: finite(limits.maxBufferedChunks),
      maxPendingAutoPongs: finite(limits.maxPendingAutoPongs),
      closeTimeout: options.closeMs,
    } as ServerOptions);
    if (endpoint.perMessageDeflate !== undefined && endpoint.perMessageDeflate !== false)
      this.#server.on('headers', (headers, request) => {
        const line = headers.find((one) => one.startsWith('Sec-WebSocket-Extensions'));
        if (line !== undefined) this.#negotiated.set(request, line);
      });
  }

  upgrade(
    { request, socket, head, subprotocol }: UpgradeRequest,
    opened: (socket: TransportSocket) => void,
  ): void {
    if (subprotocol !== undefined) this.#settled.set(request, subprotocol);
    this.#server.handleUpgrade(request, socket, head, (ws) => {
      const opening = ws as WsSocket;
      opening.negotiated = this.#negotiated.get(request) ?? '';
      opening.attach(socket as Socket);
      opened(opening);
    });
  }

  closedSocket(protocol: string): TransportSocket {
    return WsSocket.closed(protocol);
  }

  close(): void {
    this.#server.close();
  }
}

/** `ws` writes "no limit" as 0. */
function finite(limit: number): number {
  return limit === Infinity ? 0 : limit;
}
