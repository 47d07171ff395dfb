import type { SecureContextOptions } from 'node:tls';
import type { FrameLimits } from './transport.js';
import type { SocketListener } from './transport-socket.js';

/** TLS towards an upstream. */
export interface UpstreamTls extends Pick<SecureContextOptions, 'ca' | 'cert' | 'key' | 'passphrase'> {
  /** Refuses certificates that nobody known has signed. @default true */
  readonly rejectUnauthorized?: boolean;
  /** For SNI and the check of the certificate. @default the host of the URL */
  readonly servername?: string;
}

/** A connection of ours to a WebSocket server behind us. */
export interface UpstreamRequest {
  /** `ws:` or `wss:`. */
  readonly url: URL;
  /** Offered in this order; the server may select one, or none. */
  readonly subprotocols: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly limits: FrameLimits;
  /** Time in milliseconds for the closing handshake. */
  readonly closeMs: number;
  readonly tls: UpstreamTls;
}

/** An upstream connection whose 101 is there. It MUST NOT give a message before {@link start}. */
export interface UpstreamSocket {
  /** What the server has selected; empty when nothing. */
  readonly protocol: string;
  readonly isPaused: boolean;
  /** Bytes sent that the operating system has not taken yet. */
  readonly bufferedBytes: number;
  /** From now on `listener` is told, of a close that has already been too. */
  start(listener: SocketListener): void;
  send(data: string | Buffer, isBinary: boolean): void;
  /** Called once when `bufferedBytes` has come down to nothing, or never will. */
  onceDrained(callback: () => void): void;
  ping(): void;
  pause(): void;
  resume(): void;
  /** Closing handshake, after everything sent before. Without a code: an empty close frame. */
  close(code?: number, reason?: string): void;
  /** Ends the connection after everything sent before, without a close frame: the upstream sees 1006. */
  end(): void;
  terminate(): void;
}

/** An upstream connection on its way. */
export interface UpstreamAttempt {
  /** Rejects with an error whose message is for logs: it may say how the upstream has answered. */
  readonly socket: Promise<UpstreamSocket>;
  /** Gives up: also a connection that is open by now. */
  abort(): void;
}

/** Connects. @throws {SyntaxError} for a request that cannot be made */
export type ConnectUpstream = (request: UpstreamRequest) => UpstreamAttempt;
