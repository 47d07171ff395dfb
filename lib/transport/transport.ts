import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { TransportSocket } from './transport-socket.js';

/** Frame bounds a transport enforces itself (RFC 6455 section 10.4); `Infinity` is no limit. */
export interface FrameLimits {
  readonly maxPayloadBytes: number;
  readonly maxFragments: number;
  readonly maxBufferedChunks: number;
  readonly maxPendingAutoPongs: number;
}

/** One upgrade to carry out. */
export interface UpgradeRequest {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
  /** What the 101 selects, where that is settled; false: nothing. */
  readonly subprotocol?: string | false | undefined;
}

/**
 * Turns upgrade requests into sockets.
 *
 * `upgrade` MUST either call `opened` exactly once, after the 101 is written, or answer the request itself with an
 * HTTP error; it MUST NOT leave the socket unanswered. Messages MUST NOT arrive before `opened` has returned.
 */
export interface Transport {
  upgrade(upgrade: UpgradeRequest, opened: (socket: TransportSocket) => void): void;
  /** A socket that is closed, for who asks for one while there is none. */
  closedSocket(protocol: string): TransportSocket;
  close(): void;
}
