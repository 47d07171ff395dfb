/** One attempt to connect. */
export interface SocketRequest {
  readonly url: string;
  /** Values of `Sec-WebSocket-Protocol`, the best first. */
  readonly protocols: readonly string[];
  /** Further headers of the upgrade request. Browsers cannot send any. */
  readonly headers: Readonly<Record<string, string>> | undefined;
}

/** Where a socket tells what happens to it. Nothing is told after `closed`. */
export interface SocketListener {
  opened(): void;
  received(data: string | Uint8Array): void;
  /** The peer has shown that it is there by a ping or pong frame; browsers do not see them. */
  alive(): void;
  /** Once, also for an attempt that never opened: then with 1006. @param reason as the peer gave it, or why there was no connection */
  closed(code: number, reason: string): void;
}

/** A WebSocket, whoever implements it. */
export interface ClientSocket {
  /** The subprotocol that the server has selected; empty before it is open, and where it has selected none. */
  readonly protocol: string;
  /** What `Sec-WebSocket-Extensions` agreed on; empty for none. */
  readonly extensions: string;
  /** Bytes that were sent and have not left yet. */
  readonly bufferedAmount: number;
  send(data: string | Uint8Array): void;
  close(code?: number, reason?: string): void;
  /** Ends it without a closing handshake where the platform can; `closed` follows, or not. */
  terminate(): void;
}

/** Opens sockets: the browser's, `ws`, or another's. Must not call the listener before it has returned. */
export type Connect = (request: SocketRequest, listener: SocketListener) => ClientSocket;
