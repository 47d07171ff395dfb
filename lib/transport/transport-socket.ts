import type { EventEmitter } from 'node:events';

/** `readyState` values (WHATWG WebSocket). */
export const readyStates = { connecting: 0, open: 1, closing: 2, closed: 3 } as const;

/** What a transport tells the owner of one socket. */
export interface SocketListener {
  /** A whole message. `data` MUST NOT be kept beyond the call unless copied out of the read buffer by its parser. */
  onMessage(data: Buffer, isBinary: boolean): void;
  /** A ping has come; the transport answers it. */
  onPing?(): void;
  onPong(): void;
  /** A frame the protocol forbids, or an error of the network. `onClose` follows. */
  onError(error: Error & { code?: string }): void;
  onClose(code: number, reason: Buffer): void;
}

/**
 * One upgraded connection, as a transport hands it over.
 *
 * A transport MUST answer pings, check frames (RFC 6455 section 5) and complete closing handshakes by itself.
 * It MUST NOT buffer what `writeFrames` gives it other than in the operating system's and Node's stream buffers.
 */
export interface TransportSocket extends Pick<EventEmitter, 'on' | 'once' | 'off' | 'removeListener'> {
  readonly readyState: number;
  readonly protocol: string;
  readonly extensions: string;
  /** Whether frames with RSV1 may be written to it: permessage-deflate with the largest window (RFC 7692). */
  readonly canDeflate: boolean;
  /** Whether what was deflated before may be referred to. */
  readonly keepsDeflateContext: boolean;
  readonly isPaused: boolean;
  /** Bytes given to `writeFrames` that the operating system has not taken yet. */
  readonly unsentBytes: number;
  /** Who is told. MUST be set before the first message can arrive. */
  listener: SocketListener | null;
  /** Complete, unmasked frames, ready for the wire. `written` is told when the operating system has taken them, or why not. */
  writeFrames(bytes: Uint8Array, written?: (error?: Error | null) => void): void;
  /** Called once when `unsentBytes` has come down to nothing. */
  onceDrained(callback: () => void): void;
  ping(data?: unknown, mask?: boolean, callback?: (error: Error) => void): void;
  pong(data?: unknown, mask?: boolean, callback?: (error: Error) => void): void;
  close(code?: number, reason?: string | Buffer): void;
  terminate(): void;
  pause(): void;
  resume(): void;
  /** Whether an application has put listeners on it. */
  readonly isObserved: boolean;
  /** Takes over the listeners that an application has put on the socket before this one. */
  adopt(before: TransportSocket): void;
  addEventListener(type: string, listener: unknown, options?: unknown): void;
  removeEventListener(type: string, listener: unknown): void;
}
