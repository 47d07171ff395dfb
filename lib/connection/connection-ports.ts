import type { DisconnectReason } from './disconnect-reason.js';
import type { EmitOptions, RequestOptions } from './emit-options.js';
import type { Heartbeat } from './heartbeat.js';
import type { TransportSocket } from '../transport/transport-socket.js';
import type { SendQueueSettings } from './send-queue-settings.js';

/** Rooms, as a connection needs them. */
export interface Memberships<Member> {
  join(connection: Member, room: string): void;
  leave(connection: Member, room: string): void;
  roomsOf(connection: Member): ReadonlySet<string>;
}

/** Who a connection belongs to, so that `server.user(id)` finds it. */
export interface Users<Member> {
  /** The principal of a connection has changed. */
  moved(connection: Member, from: string | undefined, to: string | undefined): void;
}

/** Messages to one peer. */
export interface Outbound<Member> {
  /** False when the message was dropped. */
  emitTo(connection: Member, event: string, data: unknown, options: EmitOptions | undefined): boolean;
}

/** Where what comes from one peer goes, and where its answers are awaited. One per connection. */
export interface ConnectionInlet {
  received(data: Buffer, isBinary: boolean): void;
  /** A frame that RFC 6455 forbids, or an error of the network; the close follows. */
  failed(error: Error & { code?: string }): void;
  closed(reason: DisconnectReason): void;
  /** Its client is away, and its session waits. */
  left(reason: DisconnectReason): void;
  /** Its client is back, on another socket. */
  resumed(): void;
  request(event: string, data: unknown, options: RequestOptions | undefined): Promise<unknown>;
  /** Sends until it is acknowledged, or given up. False: it cannot be sent. */
  emitReliably(event: string, data: unknown, options: EmitOptions): boolean;
}

/** Frames of RFC 6455 that a peer sends beside messages (section 5.5). */
export type ControlFrameKind = 'ping' | 'pong';

/** What a connection calls on, given by who assembles the server; one object per endpoint. */
export interface ConnectionPorts<Member> {
  readonly memberships: Memberships<Member>;
  readonly users: Users<Member>;
  readonly outbound: Outbound<Member>;
  readonly heartbeat: Heartbeat;
  /** The peer has sent a ping or a pong. */
  controlFrame(connection: Member, kind: ControlFrameKind): void;
  readonly send: SendQueueSettings;
  /** What is asked for a socket while there is none. */
  closedSocket(protocol: string): TransportSocket;
  /** Time in milliseconds for the closing handshake before the socket is terminated. */
  readonly closeMs: number;
}
